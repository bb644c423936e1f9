// What a live page knows of itself: where it stands in the stream, whether news can arrive, and the words for that.
// The entries come from hx-sse (live-stream.js), another tab of this browser (live-tabs.js) or by asking (live-poll.js).
(() => {
  const Live = (window.Live = window.Live || {});
  const element = document.getElementById("live");
  if (!element) return;
  const words = JSON.parse(element.dataset.words);
  const SILENT = 40000, SILENT_TAB = 4000, FLICKER = 1500, UNDELIVERED = Number(element.dataset.pollAfter) || 4000;
  let lostAt = Date.now(), heardAt = Date.now(), triedAt = 0, freshAt = Date.now(), failed = 0;

  Object.assign(Live, { element, state: "connecting", out: "", leads: false, UNDELIVERED });
  Live.cursor = new URL(element.getAttribute("hx-sse:connect"), location).searchParams.get("after") ?? "";
  Live.isLater = (id) => {
    const [a, b] = id.split("-").map(Number), [c, d] = (Live.cursor || "0-0").split("-").map(Number);
    return a > c || (a === c && b > d);
  };

  // True when the entry is new here: several ways may bring it, and only the first one counts. A resync begins anew.
  Live.take = (id, event) => {
    if (event !== "live:resync" && id && !Live.isLater(id)) return event === "live:ready" || event === "live:beat";
    if (id) Live.cursor = id;
    return true;
  };

  // An entry that hx-sse did not bring itself does here what it would have done.
  Live.deliver = async ({ id, event, data }) => {
    if (!Live.take(id, event)) return;
    if (event) {
      htmx.trigger(element, event, { data, id });
      Live.named?.(event);
    } else {
      await htmx.swap({ sourceElement: element, target: element, swap: "none swapEmpty:false", text: data, request: {} });
    }
  };

  Live.say = (state, n = 0) => {
    if (Live.out) state = Live.out;
    if (["live", "polling"].includes(state)) freshAt = Date.now();
    if (state === Live.state && !n) return;
    Live.state = state;
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(freshAt);
    for (const place of document.querySelectorAll("#live-state, [data-live-state]")) {
      place.dataset.state = state;
      place.textContent = (words[n ? `${state}-n` : state] ?? "").replace("{time}", time).replace("{n}", n);
      if (state === "signed-out") place.append(" ", Object.assign(document.createElement("a"), { href: `${element.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`, textContent: words["sign-in"] }));
    }
    element.dispatchEvent(new CustomEvent("live:state", { bubbles: true, detail: { state } }));
  };
  Live.refused = (status) => { Live.out = status === 403 ? "refused" : "signed-out"; Live.say(Live.out); };

  Live.lost = () => { lostAt ||= Date.now(); };
  Live.heard = () => { heardAt = Date.now(); if (!lostAt) Live.say("live"); };
  Live.flows = () => { lostAt = 0; Live.heard(); }; // what happens arrives here at once
  Live.isLost = () => lostAt > 0;

  Live.polled = (ok) => { // the fall-back says how its try went
    if (ok) { if (failed) Live.hurry?.(); failed = 0; if (lostAt) Live.say("polling"); }
    else if (++failed >= 2 && lostAt) Live.say(navigator.onLine ? "stale" : "offline");
  };

  function watch() {
    if (document.hidden || Live.out) return;
    if (!lostAt && Date.now() - heardAt > (Live.leads ? SILENT : SILENT_TAB)) {
      Live.lost();
      if (Live.leads) { Live.say("stale"); Live.cut?.(); }
    }
    Live.tick?.();
    if (!lostAt) return;
    const gone = Date.now() - lostAt;
    if (!navigator.onLine) Live.say("offline");
    else if (gone > FLICKER && ["live", "catching-up", "connecting", "offline"].includes(Live.state)) Live.say("reconnecting");
    if (gone > UNDELIVERED) Live.poll?.();
    if (Live.leads && gone > 60000 && Date.now() - triedAt > 60000) { triedAt = Date.now(); Live.cut?.(); } // perhaps it streams again
  }
  Live.opened = () => { triedAt = Date.now(); };
  setInterval(watch, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { heardAt = Date.now(); if (lostAt) lostAt = Date.now(); } });
  addEventListener("online", () => { Live.say("reconnecting"); Live.hurry?.(); });
  addEventListener("offline", () => { Live.lost(); Live.say("offline"); });
})();
