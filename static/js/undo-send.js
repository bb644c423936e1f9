// The seconds in which an answer can be called back are counted down; when they are over it is let go, if this page is open
// still (else the server does it). Without this script it leaves all the same.
(() => {
  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-left]")) {
      const until = Number(clock.dataset.until ||= performance.now() + Number(clock.dataset.left) * 1000);
      const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      if (clock.textContent !== String(left)) clock.textContent = left;
      if (left || clock.dataset.let !== undefined) continue;
      clock.dataset.let = "";
      clock.closest("article")?.querySelector("[data-send-now]")?.click();
    }
  }, 250);
})();
