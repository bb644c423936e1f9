// One stream for all tabs of a browser. The tab that holds a lock leads: it streams for the topics of all and passes on
// what comes. The others follow, and ask once for what they missed whenever the leader, or what it listens to, changes.
// A hidden tab lets go of both. Without locks (plain http) each visible tab streams for itself.
(() => {
  const Live = window.Live ?? {};
  const { element } = Live;
  if (!element) return;
  const own = new URL(element.getAttribute("hx-sse:connect"), location).searchParams.get("topics").split(",");
  const NAME = `tulay-live-1 ${element.dataset.scope}`, ME = crypto.getRandomValues(new Uint32Array(2)).join("-");
  let alone = !(navigator.locks && window.BroadcastChannel);
  const channel = alone ? null : new BroadcastChannel(NAME);
  const others = new Map(); // tab → its topics
  let letGo = null, waiting = null, leader = "", turn = Promise.resolve();

  Live.topics = () => [...new Set([...own, ...(alone ? [] : [...others.values()].flat())])];
  const tell = (message) => { if (!alone) channel.postMessage({ ...message, by: ME }); };
  const covered = (topics, wanted) => (wanted ?? []).every((topic) => topics?.includes(topic));

  Live.pass = (entry) => { if (others.size) tell({ entry }); };
  Live.tick = () => { if (Live.leads && others.size && !Live.isLost()) tell({ at: Live.cursor, topics: Live.listened }); };
  Live.turnedAway = (status) => {
    if (status === 403 && !covered(own, Live.listened)) { if (!alone) { tell({ alone: true }); standAlone(); } return; } // whose topic it was shows then
    if (status === 401) tell({ out: status });
    Live.refused(status);
  };

  function lead() {
    Live.leads = true;
    leader = "";
    tell({ who: true });
    Live.begin();
  }

  function start() {
    if (document.hidden || Live.out || Live.leads || waiting) return;
    if (alone) { lead(); return; }
    waiting = new AbortController();
    navigator.locks.request(NAME, { signal: waiting.signal }, () => {
      waiting = null;
      if (document.hidden) return undefined;
      lead();
      return new Promise((done) => { letGo = done; });
    }).catch(() => {}); // given up while waiting
    tell({ hello: own });
  }

  function stop() {
    tell({ bye: true });
    waiting?.abort();
    others.clear();
    Live.lost();
    if (Live.leads) { Live.leads = false; Live.cut(); }
    letGo?.();
    leader = "";
    waiting = letGo = null;
  }

  function standAlone() { stop(); alone = true; setTimeout(start, 200); }

  // Who asks a leader for more than it listens to makes it open its stream anew, from where it is.
  function known({ by, hello, bye }) {
    if (bye) others.delete(by);
    if (!hello) return;
    others.set(by, hello);
    if (!Live.leads) return;
    if (covered(Live.listened, hello)) Live.tick();
    else Live.begin();
  }

  // From whoever leads. Entries count only while we know that nothing before them is missing.
  async function followed({ by, entry, at, topics }) {
    if (Live.leads || document.hidden) return;
    if (entry && by === leader && !Live.isLost()) { await Live.deliver(entry); Live.heard(); }
    if (!at) return;
    leader = covered(topics, own) ? by : "";
    if (!leader) { tell({ hello: own }); return; }
    for (let tries = 0; tries < 20 && Live.isLater(at); tries += 1) {
      Live.lost();
      if (!(await Live.ask())) return; // the next word from the leader lets us try again
    }
    if (leader === by && !Live.isLater(at)) Live.flows();
  }

  channel?.addEventListener("message", ({ data: message }) => {
    if (document.hidden || alone) return;
    if (message.out) Live.refused(message.out);
    else if (message.alone) standAlone();
    else if (message.who) { if (!Live.leads) tell({ hello: own }); }
    else if (message.hello || message.bye) known(message);
    else turn = turn.then(() => followed(message)).catch(() => {}); // in the order in which they came
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) start(); });
  // Only now, when all scripts listen, may the stream open. htmx may have looked at the page before hx-sse had arrived.
  document.addEventListener("DOMContentLoaded", () => setTimeout(() => {
    if (!element._htmx?.triggerSpecs?.length) htmx.process(element);
    start();
  }));
})();
