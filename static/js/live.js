// The live stream of the page: follows what hx-sse does, says in words how things stand, lets each entry pass once.
(() => {
  const Live = (window.Live = window.Live || {});
  const element = document.getElementById("live");
  if (!element) return;
  const words = JSON.parse(element.dataset.words);
  const SILENT = 40000, FLICKER = 1500, UNDELIVERED = Number(element.dataset.pollAfter) || 6000;
  let connection = null, lostAt = Date.now(), heardAt = Date.now(), openedAt = 0, renewedAt = 0, freshAt = Date.now(), out = "";

  Live.element = element;
  Live.state = "connecting";
  Live.cursor = new URL(element.getAttribute("hx-sse:connect"), location).searchParams.get("after") ?? "";
  Live.isLater = (id) => {
    const [a, b] = id.split("-").map(Number), [c, d] = (Live.cursor || "0-0").split("-").map(Number);
    return a > c || (a === c && b > d);
  };
  const OWN = new Set(["live:ready", "live:beat", "live:resync"]); // these move the cursor, whatever it was

  // True when the entry is new here: stream and polling may both bring it, and only the first one counts.
  Live.take = (id, event) => {
    if (!OWN.has(event) && id && !Live.isLater(id)) return false;
    if (id) Live.cursor = id;
    return true;
  };

  Live.say = (state) => {
    if (out) state = out;
    if (["live", "polling"].includes(state)) freshAt = Date.now();
    if (state === Live.state) return;
    Live.state = state;
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(freshAt);
    for (const place of document.querySelectorAll("#live-state, [data-live-state]")) {
      place.dataset.state = state;
      place.textContent = (words[state] ?? "").replace("{time}", time);
      if (state === "signed-out") place.append(" ", Object.assign(document.createElement("a"), { href: `${element.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`, textContent: words["sign-in"] }));
    }
    element.dispatchEvent(new CustomEvent("live:state", { bubbles: true, detail: { state } }));
  };
  Live.refused = (status) => { out = status === 403 ? "refused" : "signed-out"; Live.say(out); };
  Live.hurry = () => connection?.delayCanceller?.(); // ends the wait before the next try to stream

  const lost = () => { lostAt ||= Date.now(); };
  element.addEventListener("htmx:config:request", (event) => {
    if (out) event.preventDefault();
    else if (Live.cursor) event.detail.ctx.request.headers["Last-Event-ID"] = Live.cursor;
  });
  element.addEventListener("htmx:sse:before:connection", (event) => {
    if (out) { event.preventDefault(); return; }
    connection = event.detail.connection;
    connection.lastEventId = Live.cursor; // polling may have moved it meanwhile
    lost();
  });
  element.addEventListener("htmx:sse:after:connection", () => { heardAt = openedAt = Date.now(); if (Live.state !== "connecting") Live.say("catching-up"); });
  element.addEventListener("htmx:sse:before:message", (event) => {
    heardAt = Date.now();
    const { id, event: name } = event.detail.message;
    if (!Live.take(id, name)) event.preventDefault();
    else if (name === "live:ready" && Date.now() - openedAt < UNDELIVERED) lostAt = 0; // later: something on the way collects
    if (!lostAt) Live.say("live");
  });
  element.addEventListener("htmx:sse:after:message", ({ detail: { message } }) => { if (message.event) Live.named?.(message.event); });
  const refused = ({ detail }) => {
    const status = detail.status ?? detail.ctx?.response?.status;
    if (status === 401 || status === 403) Live.refused(status); else lost();
  };
  element.addEventListener("htmx:sse:error", refused);
  element.addEventListener("htmx:response:error", refused);
  element.addEventListener("htmx:error", refused);

  let failed = 0;
  Live.polled = (ok) => { // the fall-back says how its try went
    if (ok) { if (failed) Live.hurry(); failed = 0; if (lostAt) Live.say("polling"); }
    else if (++failed >= 2 && lostAt) Live.say(navigator.onLine ? "stale" : "offline");
  };
  function watch() {
    if (document.hidden || out) return;
    if (!lostAt && Date.now() - heardAt > SILENT) { lost(); Live.say("stale"); connection?.reader?.cancel(); }
    if (!lostAt) return;
    const gone = Date.now() - lostAt;
    if (!navigator.onLine) Live.say("offline");
    else if (gone > FLICKER && ["live", "catching-up", "connecting", "offline"].includes(Live.state)) Live.say("reconnecting");
    if (gone > UNDELIVERED) Live.poll?.();
    if (gone > 60000 && Date.now() - Math.max(openedAt, renewedAt) > 60000) { renewedAt = Date.now(); connection?.reader?.cancel(); } // perhaps it streams again
  }
  setInterval(watch, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { heardAt = Date.now(); if (lostAt) lostAt = Date.now(); } });
  addEventListener("online", () => { Live.say("reconnecting"); Live.hurry(); });
  addEventListener("offline", () => { lost(); Live.say("offline"); });
  // Only now, when all scripts listen, may the stream open. htmx may have looked at the page before hx-sse had arrived.
  document.addEventListener("DOMContentLoaded", () => setTimeout(() => {
    if (!element._htmx?.triggerSpecs?.length) htmx.process(element);
    htmx.trigger(element, "live:begin", {}, false);
  }));
})();
