// The one sender of a browser: whichever tab, or the service worker, holds the lock sends, in order, one at a time.
// A change leaves the device only when its answer has come; a lost answer means that it is sent again under the same id.
(() => {
  const Device = self.Device;
  const SMALL = 30000, LARGE = 300000;
  let running = null, again = false, timer = 0, failures = 0, token = "";

  // Resolves when nothing more can be sent now; says "" or why something had to stay.
  Device.send = () => {
    if (running) { again = true; return running; }
    clearTimeout(timer);
    running = rounds().finally(() => { running = null; });
    return running;
  };

  async function rounds() {
    let left = "";
    do {
      again = false;
      left = await (navigator.locks ? navigator.locks.request("tulay-sender", drain) : drain()).catch(() => "later");
    } while (again);
    return left;
  }

  async function drain() {
    const person = Device.person ?? await Device.fact("person");
    token = "";
    for (;;) {
      const changes = person ? await Device.of(person) : [];
      const change = Order.next(changes);
      if (!change) { if (changes.length) await Device.tidy(person); return settle("", 0); }
      if (navigator.onLine === false) return settle("later", 0);
      const { is, after } = await deliver(change, changes);
      if (["later", "out", "other"].includes(is)) return settle(is, after);
      failures = 0;
    }
  }

  // Out of a page the next try is its own business; a service worker is woken by the browser.
  function settle(state, after) {
    if (state === "later" && self.document) {
      timer = setTimeout(Device.send, Math.max(after, Order.pause(failures)));
      failures += 1;
    }
    Device.tell({ state });
    return state;
  }

  async function deliver(change, changes) {
    await Device.change(change.n, { status: "sending", tries: change.tries + 1 });
    const found = await attempt(change, changes).catch(() => ({ is: "later" }));
    if (found.is === "sent") await Device.change(change.n, { status: "sent", sentAt: Date.now(), told: found.told, files: [] });
    else if (found.is === "conflict") await Device.change(change.n, { status: "conflict", conflicts: found.conflicts });
    else if (found.is === "refused") await Device.change(change.n, { status: "refused", reason: found.reason });
    else await Device.change(change.n, { status: "waiting" });
    return found;
  }

  async function attempt(change, changes) {
    for (let tries = 0; tries < 2; tries += 1) {
      const refused = token ? null : await greet(change.person);
      if (refused) return refused;
      const found = await Answers.meaning(await post(change, changes));
      if (found.is !== "token") return found;
      token = "";
    }
    return { is: "later" };
  }

  // Who is signed in, and their token: a form that lay here for weeks has an old one.
  async function greet(person) {
    const answer = await fetch("/my-day/session", { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(SMALL) });
    if (answer.status === 401 || answer.status === 403) return { is: "out" };
    if (!answer.ok) return { is: "later" };
    const told = await answer.json();
    if (told.person !== person) return { is: "other" };
    token = told.csrf;
    return null;
  }

  function post(change, changes) {
    const body = new FormData();
    for (const [name, value] of change.fields) body.append(name, value);
    for (const { name, file } of change.files ?? []) body.append(name, file, file.name);
    body.set(change.key, change.id);
    const proofs = Order.proofs(changes, change);
    if (proofs.length) body.set("after", proofs.map((each) => each.id).join(","));
    return fetch(change.url, {
      method: "POST", body, cache: "no-store", redirect: "error",
      headers: { Accept: "application/json", "X-CSRFToken": token, "Tulay-Person": String(change.person) },
      signal: AbortSignal.timeout(change.files?.length ? LARGE : SMALL),
    });
  }
})();
