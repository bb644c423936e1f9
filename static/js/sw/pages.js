// Part of the service worker: pages come from the network first; without one, field pages come from their copies and all
// others from a page that says so. Only pages, stamped statics and small pictures: forms, parts of pages and the live
// stream go their own way.
(() => {
  const PATIENCE = 4000; // ms for a network that is there in name only
  const PICTURE = /^\/jobs\/[\w-]+\/files\/\d+$/;

  self.addEventListener("install", (event) => event.waitUntil(Kept.fillShell().then(() => self.skipWaiting())));
  self.addEventListener("activate", (event) => event.waitUntil(Kept.dropOld().then(() => self.clients.claim())));

  self.addEventListener("fetch", (event) => {
    const { request } = event, url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (request.mode === "navigate") event.respondWith(page(event, url));
    else if (url.pathname.includes("/static/")) event.respondWith(still(request));
    else if (PICTURE.test(url.pathname) && url.searchParams.get("size") === "thumb") event.respondWith(Kept.picture(request));
  });

  async function still(request) { return await Kept.static(request) ?? fetch(request); }

  async function page(event, url) {
    const copy = Kept.isField(url) ? await Kept.page(url) : null;
    const coming = arrived(event, url);
    event.waitUntil(coming.catch(() => {}));
    try {
      return await (copy ? Promise.race([coming, late()]) : coming);
    } catch {
      return copy ? asKept(copy) : without();
    }
  }

  async function arrived(event, url) {
    const at = Date.now(), first = await fetch(event.request);
    const answer = first.status === 200 && Kept.isField(url) ? await whole(first) : first;
    if ([502, 503, 504].includes(answer.status) && !answer.headers.has("Tulay-Person")) throw new Error("a proxy alone");
    const person = answer.headers.get("Tulay-Person");
    if (person !== null) await Kept.clear(person); // of others; "0": signed out, here or elsewhere
    // Beside the answer, not before it. A full device keeps less.
    if (Kept.isField(url)) event.waitUntil(Kept.put(url, answer.clone(), at).then(Kept.fill).catch(() => {}));
    return answer;
  }

  // A page that breaks off half-way is no page: then the copy is better.
  const whole = async (answer) => new Response(await answer.blob(), { status: answer.status, headers: answer.headers });
  const late = () => new Promise((_, reject) => { setTimeout(reject, PATIENCE); });
  const without = async () => await Kept.shell() ?? Response.error();

  async function asKept(copy) {
    const html = (await copy.text()).replace("<html ", `<html data-kept-at="${Kept.at(copy)}" `);
    return new Response(html, { status: 200, headers: copy.headers });
  }
})();
