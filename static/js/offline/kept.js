// Copies of the field pages, each person's apart, and of what they are drawn with, for when there is no network.
// Part of the service worker, too. Old ones go: of other people at once, of other days after a week.
(() => {
  const Kept = (self.Kept = self.Kept || {});
  const PAGES = "tulay-pages-1-", STATICS = "tulay-statics-1", SHELL = "tulay-shell-1", OFFLINE = "/offline", AT = "Tulay-Kept-At";
  const OLDEST = 7 * 86400000;
  const FIELD = /^\/(my-day(\/(device|[A-Z]-[\w-]+))?|chat(\/\d+)?|report(\/[\w-]+)?)$/;
  const LOOSE = { ignoreVary: true };

  // A day has an address of its own; of a chat or a job what follows the "?" is only where one looks.
  Kept.isField = ({ pathname }) => FIELD.test(pathname);
  const placeOf = ({ pathname, search }) => (pathname === "/my-day" ? pathname + search : pathname);

  Kept.person = async () => Number((await caches.keys()).find((name) => name.startsWith(PAGES))?.slice(PAGES.length) ?? 0);
  Kept.clear = async (except = "") => {
    for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== PAGES + except) await caches.delete(name);
  };
  Kept.dropOld = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("tulay-") && !name.startsWith(PAGES) && ![STATICS, SHELL].includes(name)) await caches.delete(name);
    }
  };

  async function find(cacheName, address) {
    return (await caches.has(cacheName)) ? (await caches.open(cacheName)).match(address, LOOSE) : undefined;
  }
  Kept.page = async (url) => { const person = await Kept.person(); return person ? find(PAGES + person, placeOf(url)) : undefined; };
  Kept.static = (request) => find(STATICS, request);
  Kept.at = (copy) => Number(copy?.headers.get(AT) ?? 0);
  Kept.shell = () => find(SHELL, OFFLINE);

  async function copyOf(answer, at) {
    const headers = new Headers(answer.headers);
    for (const name of ["Content-Encoding", "Content-Length", "Vary"]) headers.delete(name);
    headers.set(AT, String(at));
    return new Response(await answer.blob(), { status: answer.status, headers });
  }

  // Keeps `answer`, asked for at `at`, as the page of whom it was made for. A way-side login page is nobody's.
  Kept.put = async (url, answer, at) => {
    const person = Number(answer.headers.get("Tulay-Person") ?? 0);
    if (answer.status !== 200 || answer.redirected || !person) return "";
    await Kept.clear(person);
    const copy = await copyOf(answer, at);
    await (await caches.open(PAGES + person)).put(placeOf(url), copy.clone());
    return copy.text();
  };
  // A picture of a job's proof never changes under its address.
  Kept.picture = async (request) => {
    const person = await Kept.person();
    const copy = person && await find(PAGES + person, request);
    if (copy) return copy;
    const answer = await fetch(request);
    if (person && answer.status === 200) await (await caches.open(PAGES + person)).put(request, await copyOf(answer.clone(), Date.now()));
    return answer;
  };

  const staticsOf = (html) => [...html.matchAll(/(?:href|src)="([^"#]*\/static\/[^"#]+)/g)].map(([, address]) => new URL(address, location.origin).href);

  // What pages are drawn with, one after another: a slow network has other things to carry.
  Kept.fill = async (html) => {
    const cache = await caches.open(STATICS);
    for (const address of new Set(staticsOf(html))) {
      if (await cache.match(address, LOOSE)) continue;
      const answer = await fetch(address).catch(() => null);
      if (answer?.status === 200) await cache.put(address, answer);
    }
  };
  Kept.fillShell = async () => {
    const answer = await fetch(OFFLINE, { cache: "no-store" });
    if (!answer.ok) throw new Error("no shell");
    const copy = await copyOf(answer, Date.now());
    await (await caches.open(SHELL)).put(OFFLINE, copy.clone());
    await Kept.fill(await copy.text());
  };

  // Lets go of pages of a week ago, and of what no page is drawn with any more.
  Kept.tidy = async () => {
    const wanted = new Set(), person = await Kept.person();
    const stores = [[SHELL, false], ...(person ? [[PAGES + person, true]] : [])];
    for (const [name, ages] of stores) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const copy = await cache.match(request, LOOSE);
        if (ages && Date.now() - Kept.at(copy) > OLDEST) { await cache.delete(request, LOOSE); continue; }
        if (!copy.headers.get("Content-Type")?.startsWith("text/html")) continue;
        for (const address of staticsOf(await copy.text())) wanted.add(address);
      }
    }
    const statics = await caches.open(STATICS);
    for (const { url } of await statics.keys()) if (!wanted.has(url)) await statics.delete(url, LOOSE);
  };
})();
