// Where streaming does not get through: asks every few seconds for what is new. Same entries, same order, once.
(() => {
  const Live = window.Live ?? {};
  const { element } = Live;
  if (!element) return;
  const EVERY = Number(element.dataset.pollEvery) || 5000;
  let nextAt = 0, asking = null;

  // live.js calls this once a second while nothing streams.
  Live.poll = async () => {
    if (asking || Date.now() < nextAt) return;
    nextAt = Date.now() + EVERY * (0.85 + Math.random() * 0.3);
    Live.polled(await Live.ask());
  };

  // Asks once, at once, for this tab's own topics; true when it now stands where the answering process stood.
  Live.ask = () => (asking ??= ask().catch(() => false).finally(() => { asking = null; }));

  async function ask() {
    const address = new URL(element.dataset.poll, location);
    address.searchParams.set("after", Live.cursor);
    const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(10000) });
    if (answer.status === 401 || answer.status === 403) { Live.refused(answer.status); return false; }
    if (!answer.ok) return false;
    if (answer.status === 204) { moveTo(answer.headers.get("Live-Cursor")); return true; }
    const { cursor, resync, events } = await answer.json();
    if (resync) await Live.deliver({ id: cursor, event: "live:resync", data: "" });
    for (const entry of events) await Live.deliver(entry);
    moveTo(cursor);
    return true;
  }

  const moveTo = (cursor) => { if (cursor && Live.isLater(cursor)) Live.cursor = cursor; };
})();
