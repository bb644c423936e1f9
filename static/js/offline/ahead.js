// Before the network goes: the service worker is there, the browser is asked to keep what lies here, and the day's jobs,
// the channels and the form for reports are kept as copies, one after another.
(() => {
  const Device = window.Device, Kept = window.Kept;
  if (!Device?.person || !("serviceWorker" in navigator) || !window.caches) return;
  const FRESH = 120000, MOST_CHANNELS = 10;
  const PAUSE = 15000, LONGEST = 600000; // ms until what could not be kept is asked for once more
  let running = null, again = false, changed = false, pause = PAUSE, timer = 0;

  const links = (html, selector) => [...new DOMParser().parseFromString(html, "text/html").querySelectorAll(selector)].map((each) => new URL(each.getAttribute("href"), location.origin));

  // The page's words, from the network unless its copy is new enough.
  async function keep(url, oldest) {
    const copy = await Kept.page(url);
    if (copy && await Kept.person() === Device.person && Kept.at(copy) > oldest) return copy.text();
    const at = Date.now();
    const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(20000) });
    const person = answer.headers.get("Tulay-Person");
    if (person === null) throw new Error("a proxy alone");
    if (Number(person) !== Device.person) throw new Error("somebody else");
    const html = await Kept.put(url, answer, at);
    await Kept.fill(html);
    return html;
  }

  // Whether all of it is here now.
  async function rounds() {
    let missed;
    do {
      missed = false;
      const oldest = Date.now() - FRESH, at = (path) => new URL(path, location.origin);
      const day = await keep(at("/my-day"), changed ? Date.now() : oldest);
      again = changed = false;
      const found = [...links(day, "a.my-job"), at("/my-day/device"), at("/chat"), at("/report")];
      for (const url of found) {
        const html = await keep(url, oldest).catch((error) => { if (error.message === "somebody else") throw error; missed = true; return ""; });
        if (url.pathname === "/chat") found.push(...links(html, "a.chat-list__item").slice(0, MOST_CHANNELS));
      }
      await Kept.tidy();
    } while (again);
    return !missed;
  }

  function end(all) {
    running = null;
    if (all === false) { timer = setTimeout(Device.ahead, pause); pause = Math.min(pause * 2, LONGEST); }
    if (!all) return;
    pause = PAUSE;
    // What lies here is of use only once the service worker is at work.
    navigator.serviceWorker.ready.then(() => { document.documentElement.dataset.keptAhead = ""; });
  }

  // `anew`: the list of the day's jobs is another one by now.
  Device.ahead = (anew = false) => {
    changed ||= anew;
    if (!navigator.onLine) return Promise.resolve();
    if (running) { again = true; return running; }
    clearTimeout(timer);
    running = rounds().catch((error) => (error.message === "somebody else" ? null : false)).then(end);
    return running;
  };

  async function begin() {
    await navigator.serviceWorker.register("/service-worker.js");
    await navigator.storage?.persist?.();
    if (document.querySelector("[data-keep-ahead]")) await Device.ahead();
  }
  document.addEventListener("live:applied", ({ target }) => { if (target.id === "my-day") Device.ahead(true); });
  if (document.readyState === "complete") begin().catch(() => {});
  else addEventListener("load", () => begin().catch(() => {}));
})();
