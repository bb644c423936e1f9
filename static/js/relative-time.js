// Keeps <time data-ago> fresh: "3 minutes ago" in the language of the page. One timer for the whole page.
(() => {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
  const steps = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

  function inWords(seconds) {
    for (const [unit, size] of steps) {
      if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
    }
    return Math.abs(seconds) < 5 ? words.format(0, "second") : words.format(Math.trunc(seconds), "second");
  }

  function refresh(root = document) {
    for (const time of root.querySelectorAll("time[data-ago]")) {
      const at = Date.parse(time.dateTime);
      if (Number.isNaN(at)) continue;
      const text = inWords((at - Date.now()) / 1000);
      if (time.textContent !== text) time.textContent = text;
    }
  }

  refresh();
  setInterval(() => { if (!document.hidden) refresh(); }, 10000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.addEventListener("htmx:after:swap", () => refresh());
})();
