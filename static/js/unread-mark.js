// How many notices are unread: before the page's title, on its icon in the tab, and on the icon of an installed desk.
// A hidden tab holds no stream, and is where the mark matters: it asks once a minute, one tab for all of the browser.
(() => {
  const bell = () => document.getElementById("bell-count");
  const link = document.querySelector('link[rel="icon"]');
  if (!bell() || !link) return;
  const ASKS = 60000, title = document.title, plain = link.href;
  const others = "BroadcastChannel" in window ? new BroadcastChannel("unread") : null;
  let drawing = null, shown = -1, heardAt = Date.now();

  const few = (unread, most) => (unread > most ? `${most}+` : String(unread));
  // White around red: told from a light strip of tabs and from a dark one.
  function mark(text) {
    const [left, width] = text.length > 1 ? [6, 25] : [12, 19];
    return `<rect x="${left}" y="12" width="${width}" height="19" rx="9" fill="#bd3a34" stroke="#fff" stroke-width="2"/>`
      + `<text x="${left + width / 2}" y="27.5" text-anchor="middle" font-family="system-ui,sans-serif" font-size="17" font-weight="700" fill="#fff">${text}</text></svg>`;
  }

  async function draw(unread) {
    if (!unread) { link.href = plain; return; }
    drawing ??= fetch(plain).then((answer) => answer.text());
    const marked = (await drawing).replace("</svg>", mark(few(unread, 9)));
    if (unread === shown) link.href = `data:image/svg+xml,${encodeURIComponent(marked)}`; // else another number came meanwhile
  }

  function show(unread) {
    heardAt = Date.now();
    if (unread === shown) return;
    shown = unread;
    document.title = unread ? `(${few(unread, 99)}) ${title}` : title;
    draw(unread).catch(() => { drawing = null; }); // the title says it all the same
    const told = unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
    told?.catch(() => {});
  }

  const unreadOf = (region) => Number(region?.dataset.unread) || 0;
  async function ask() {
    if (!document.hidden || window.Live?.out || Date.now() - heardAt < ASKS) return;
    heardAt = Date.now();
    const answer = await fetch(bell().dataset.liveSrc, { cache: "no-store", headers: { "HX-Request": "true" }, redirect: "error" });
    if (!answer.ok) return;
    const unread = unreadOf(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("bell-count"));
    show(unread);
    others?.postMessage(unread);
  }

  document.addEventListener("live:applied", ({ target }) => {
    if (target.id !== "bell-count") return;
    show(unreadOf(target));
    others?.postMessage(shown);
  });
  others?.addEventListener("message", ({ data }) => { if (document.hidden) show(data); });
  setInterval(() => ask().catch(() => {}), 10000);
  show(unreadOf(bell()));
})();
