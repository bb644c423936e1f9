// Who looks at the tickets of a list, or writes: initials over the end of a row, words for screen readers. Asked for all rows at
// once: when the page comes, at news of one that stands here, with other rows, and now and then while somebody is shown.
(() => {
  const source = document.currentScript.dataset.rowsHere;
  const list = () => document.getElementById("ticket-list");
  if (!source || !list()) return;
  const AGAIN = 15000, SOON = 300, MOST = 3;
  let here = {}, asked = "", timer = 0;
  const rows = () => [...list().querySelectorAll("tr[data-live-row][id]")].map((row) => [row.id.match(/\d+/)[0], row]);
  const ids = () => rows().map(([id]) => id).join(",");
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, SOON); };
  const element = (name, values, ...children) => { const made = Object.assign(document.createElement(name), values); made.append(...children); return made; };

  async function ask() {
    clearTimeout(timer);
    asked = ids();
    if (document.hidden || window.Live?.out || !asked) return;
    try {
      const answer = await fetch(`${source}?ids=${asked}`, { cache: "no-store", headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.ok) here = await answer.json();
    } catch { /* Those who left are forgotten at the next answer. */ }
    show();
    if (Object.keys(here).length) timer = setTimeout(ask, AGAIN);
  }

  function people(all) {
    const shown = all.slice(0, all.length > MOST ? MOST - 1 : MOST).map(({ initials, words, writes }) =>
      element("span", { className: `row-here__one${writes ? " row-here__one--writes" : ""}`, title: words, ariaHidden: "true" }, initials));
    if (all.length > MOST) shown.push(element("span", { className: "row-here__one", ariaHidden: "true", title: all.slice(MOST - 1).map(({ words }) => words).join("\n") }, `+${all.length - MOST + 1}`));
    const words = element("span", { className: "visually-hidden" }, ` ${all.map((each) => each.words).join(", ")}`);
    return element("span", { className: "row-here" }, ...shown, words);
  }

  function show() {
    for (const [id, row] of rows()) {
      const all = here[id] ?? [], said = JSON.stringify(all), before = row.querySelector(".row-here");
      if ((before?.dataset.said ?? "[]") === said) continue;
      before?.remove();
      if (!all.length) continue;
      const now = people(all);
      now.dataset.said = said;
      row.querySelector("th")?.append(now);
    }
  }

  document.addEventListener("presence:changed", ({ detail }) => {
    if (document.getElementById(`ticket-${JSON.parse(detail.data).id}-row`)) soon();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  new MutationObserver(() => { show(); if (ids() !== asked) soon(); }).observe(list().parentElement, { childList: true, subtree: true });
  ask();
})();
