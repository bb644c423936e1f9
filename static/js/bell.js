// The bell: read anew when opened and, while it is open, with each notice; a followed link is read.
(() => {
  const Live = (window.Live = window.Live || {});
  const list = document.getElementById("bell-list");
  if (!list) return;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];

  list.addEventListener("toggle", ({ newState }) => {
    const news = document.getElementById("bell-news");
    news.toggleAttribute("data-live-region", newState === "open");
    if (newState === "open") read(news);
  });

  async function read(news) {
    try {
      const answer = await fetch(news.dataset.liveSrc, { cache: "no-store", headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      await Live.swap(news, "outerMorph", await answer.text());
      document.getElementById("bell-news").toggleAttribute("data-live-region", list.matches(":popover-open"));
    } catch { /* The words that stand there stay; the next opening tries again. */ }
  }

  // A link leaves the page at once: what says that it was read outlives it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-notice]");
    if (!link) return;
    const body = new URLSearchParams({ do: "read" });
    fetch(link.dataset.notice, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": token(), "HX-Request": "true" } }).catch(() => {});
  }, true);
})();
