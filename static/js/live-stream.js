// Follows what hx-sse does with the page's stream: only while this tab leads, for the topics of all tabs, and never twice.
(() => {
  const Live = window.Live ?? {};
  const { element } = Live;
  if (!element) return;
  let connection = null, request = null, openedAt = 0, soon = false;

  Live.hurry = () => connection?.delayCanceller?.(); // ends the wait before the next try to stream
  Live.cut = () => connection?.reader?.cancel();
  Live.begin = () => { // opens the stream, or opens it anew for other topics
    soon = true;
    if (!element._htmx?.sse) htmx.trigger(element, "live:begin", {}, false);
    else if (connection?.reader) Live.cut();
    else Live.hurry();
  };

  function address() {
    const url = new URL(element.getAttribute("hx-sse:connect"), location);
    Live.listened = Live.topics();
    url.searchParams.set("topics", Live.listened.join(","));
    return url.pathname + url.search;
  }

  element.addEventListener("htmx:config:request", (event) => {
    if (Live.out || !Live.leads) { event.preventDefault(); return; }
    request = event.detail.ctx.request;
    request.action = address();
    if (Live.cursor) request.headers["Last-Event-ID"] = Live.cursor;
  });
  element.addEventListener("htmx:sse:before:connection", (event) => {
    if (Live.out || !Live.leads) { event.preventDefault(); return; }
    connection = event.detail.connection;
    connection.lastEventId = Live.cursor; // other ways may have moved it meanwhile
    if (connection.attempt) request.action = address(); // the first was asked for above
    Live.lost();
    if (soon) setTimeout(Live.hurry);
    soon = false;
  });
  element.addEventListener("htmx:sse:after:connection", () => {
    openedAt = Date.now();
    Live.opened();
    Live.heard();
    if (Live.state !== "connecting") Live.say("catching-up");
  });
  element.addEventListener("htmx:sse:before:message", (event) => {
    const { id, event: name, data } = event.detail.message;
    if (!Live.leads) { event.preventDefault(); return; } // this tab has let go: what comes now comes to it another way
    Live.pass?.({ id, event: name, data });
    if (!Live.take(id, name)) event.preventDefault();
    if (name === "live:behind") Live.say("catching-up", JSON.parse(data).entries);
    else if (name === "live:ready" && Date.now() - openedAt < Live.UNDELIVERED) Live.flows(); // later: something on the way collects
    else Live.heard();
    if (name === "live:ready") Live.tick?.();
  });
  element.addEventListener("htmx:sse:after:message", ({ detail: { message } }) => { if (message.event) Live.named?.(message.event); });

  const refused = ({ detail }) => {
    const status = detail.status ?? detail.ctx?.response?.status;
    if (status === 401 || status === 403) Live.turnedAway(status); else Live.lost();
  };
  for (const name of ["htmx:sse:error", "htmx:response:error", "htmx:error"]) element.addEventListener(name, refused);
})();
