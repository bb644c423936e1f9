// What people did on this device, kept in IndexedDB until the desk has it. Part of the service worker, too.
// A change: { n (its place in the order), id (made here, the key of its receipt), person, kind, subject, says, url, fields,
// files, at, status (waiting, sending, sent, refused, conflict), reason, conflicts, sentAt, tries }.
(() => {
  const Device = (self.Device = self.Device || {});
  const KEPT_AFTER = 50; // sent ones that stay to be seen, without their files
  const channel = new BroadcastChannel("tulay-device");
  let opened = null;

  function open() {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("tulay-device", 1);
      request.onupgradeneeded = () => {
        const changes = request.result.createObjectStore("changes", { keyPath: "n", autoIncrement: true });
        changes.createIndex("person", "person");
        request.result.createObjectStore("facts");
      };
      request.onsuccess = () => {
        const database = request.result;
        database.onversionchange = () => { database.close(); opened = null; };
        database.onclose = () => { opened = null; };
        resolve(database);
      };
      request.onerror = () => { opened = null; reject(request.error); };
    });
    return opened;
  }

  // One transaction on one store; it has reached the disk when this resolves, so that no power cut takes it back.
  async function deal(store, mode, act) {
    const transaction = (await open()).transaction(store, mode, { durability: "strict" });
    return new Promise((resolve, reject) => {
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
  }

  // All tabs and the service worker hear of what changed; so does this one.
  Device.tell = (message = {}) => { channel.postMessage(message); Device.heard?.(message); };
  channel.onmessage = ({ data }) => Device.heard?.(data);

  Device.of = async (person) => {
    const all = await deal("changes", "readonly", (store) => store.index("person").getAll(IDBKeyRange.only(person)));
    return all.sort((a, b) => a.n - b.n);
  };
  Device.add = async (changes) => {
    await deal("changes", "readwrite", (store) => { for (const each of changes) store.add({ status: "waiting", tries: 0, ...each }); });
    Device.tell();
  };
  // Nothing happens to one that is gone.
  Device.change = async (n, values) => {
    await deal("changes", "readwrite", (store) => {
      store.get(n).onsuccess = ({ target: { result } }) => { if (result) store.put({ ...result, ...values }); };
    });
    Device.tell();
  };
  Device.drop = async (...numbers) => {
    await deal("changes", "readwrite", (store) => { for (const n of numbers) store.delete(n); });
    Device.tell();
  };
  Device.unsent = async (person) => (await Device.of(person)).filter((each) => each.status !== "sent");

  // Of those that have arrived only the newest stay, for the person to see.
  Device.tidy = async (person) => {
    const sent = (await Device.of(person)).filter((each) => each.status === "sent");
    if (sent.length > KEPT_AFTER) await Device.drop(...sent.slice(0, -KEPT_AFTER).map((each) => each.n));
  };
  Device.forget = async (person) => Device.drop(...(await Device.of(person)).map((each) => each.n));

  Device.fact = (name) => deal("facts", "readonly", (store) => store.get(name));
  Device.setFact = (name, value) => deal("facts", "readwrite", (store) => store.put(value, name));
})();
