// Regions that refetch themselves: <div id="…" data-live-region data-live-src="…" data-live-on="tickets:changed">;
// data-live-gap="5000": not more often than every five seconds, where that is dear (else every second).
// Throttled, jittered, conditional. While a person is busy inside, the news wait behind a button that says how many.
(() => {
  const Live = (window.Live = window.Live || {});
  const words = JSON.parse(Live.element?.dataset.words ?? "{}");
  const GAP = 1000, MARKED = 2500;
  const states = new WeakMap();
  const stateOf = (region) => states.get(region) ?? (states.set(region, { last: 0, timer: 0, busy: false, again: false, tag: "-", held: null }), states.get(region));
  const regions = () => document.querySelectorAll("[data-live-region]");
  const rows = (root) => root.querySelectorAll("[data-live-row][id]");
  const inWords = (row) => {
    const copy = row.cloneNode(true);
    copy.querySelectorAll("time").forEach((time) => time.remove()); // they change by themselves
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  Live.named = (name) => {
    for (const region of regions()) {
      if (name === "live:resync") later(region, Math.random() * 1500);
      else if ((region.dataset.liveOn ?? "").split(/\s+/).includes(name)) later(region, 20 + Math.random() * 180);
      else if (name === "live:ready" && stateOf(region).failed) later(region, 0);
    }
  };

  function later(region, wait) {
    const state = stateOf(region);
    state.timer ||= setTimeout(() => { state.timer = 0; refetch(region, state); }, Math.max(wait, state.last + Number(region.dataset.liveGap ?? GAP) - Date.now()));
  }

  async function refetch(region, state) {
    if (!region.isConnected) return;
    if (state.busy) { state.again = true; return; }
    state.busy = true;
    state.last = Date.now();
    try {
      const answer = await fetch(region.dataset.liveSrc, { cache: "no-store", signal: AbortSignal.timeout(15000),
        headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": `${region.localName}#${region.id}`, "HX-Current-URL": location.href, "Live-Region": state.tag } });
      state.failed = answer.status >= 500 || answer.status === 429;
      if (answer.status === 401) Live.refused?.(401);
      else if (answer.status === 200) { state.tag = answer.headers.get("Live-Region") ?? "-"; offer(region, state, await answer.text()); }
    } catch {
      state.failed = true;
    }
    state.busy = false;
    if (state.failed) setTimeout(() => later(region, 0), 5000 + Math.random() * 5000);
    else if (state.again) { state.again = false; later(region, 0); }
  }

  function offer(region, state, text) {
    const template = document.createElement("template");
    template.innerHTML = text;
    const fresh = template.content.getElementById(region.id);
    if (!fresh) return;
    const known = new Set([...rows(region)].map((row) => row.id));
    const more = [...rows(fresh)].filter((row) => !known.has(row.id)).length;
    const list = more > 0 || rows(fresh).length !== known.size;
    if (!Live.busy(region, { list })) {
      const wait = Live.farewell?.(region, fresh) ?? Promise.resolve(false); // who leaves says why, then goes
      return wait.then((faded) => (faded && Live.busy(region, { list }) ? hold(region, state, fresh, list, more) : apply(region, state, fresh)));
    }
    Live.settleRows?.(region, fresh);
    Live.farewell?.(region, fresh);
    hold(region, state, fresh, list, more);
  }

  function hold(region, state, fresh, list, more) {
    const first = !state.held;
    state.held = { fresh, list };
    if (more || inWords(fresh) !== inWords(region)) showPill(region, state, more); // nothing to see: no button either
    if (first) Live.whenSafe(() => !state.held || (region.isConnected ? !Live.busy(region, state.held) && (apply(region, state, state.held.fresh), true) : (drop(state), true)));
  }

  function apply(region, state, fresh) {
    drop(state);
    const before = new Map([...rows(region)].map((row) => [row.id, inWords(row)]));
    Live.swap(region, "outerMorph", fresh.outerHTML).then(() => {
      const now = document.getElementById(region.id);
      if (now && now !== region) states.set(now, state);
      for (const row of rows(now ?? region)) {
        const mark = !before.has(row.id) ? "is-new" : before.get(row.id) !== inWords(row) ? "is-changed" : "";
        if (mark) { row.classList.add(mark); setTimeout(() => row.classList.remove(mark), MARKED); }
      }
      now?.dispatchEvent(new CustomEvent("live:applied", { bubbles: true }));
    });
  }

  function showPill(region, state, more) {
    state.pill ??= Object.assign(document.createElement("button"), { type: "button", className: "live-pill" });
    state.pill.textContent = more ? words.more.replace("{n}", more) : words.changes;
    state.pill.onclick = () => { const { fresh } = state.held ?? {}; document.getElementById("main")?.focus({ preventScroll: true }); if (fresh) apply(region, state, fresh); };
    if (!state.pill.isConnected) (region.closest("[data-live-frame], .table-frame, table") ?? region).before(state.pill);
  }
  const drop = (state) => { state.held = null; state.pill?.remove(); };
})();
