// Where streaming does not get through: asks every few seconds for what is new. Same entries, same order, once.
(() => {
  const Live = (window.Live = window.Live || {});
  const { element } = Live;
  if (!element) return;
  const EVERY = Number(element.dataset.pollEvery) || 5000;
  let nextAt = 0, asking = false;

  // live.js calls this once a second while nothing streams.
  Live.poll = async () => {
    if (asking || Date.now() < nextAt) return;
    asking = true;
    nextAt = Date.now() + EVERY * (0.85 + Math.random() * 0.3);
    try {
      Live.polled(await ask());
    } catch {
      Live.polled(false);
    } finally {
      asking = false;
    }
  };

  async function ask() {
    const address = new URL(element.dataset.poll, location);
    address.searchParams.set("after", Live.cursor);
    const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(10000) });
    if (answer.status === 401 || answer.status === 403) { Live.refused(answer.status); return false; }
    if (!answer.ok) return false;
    if (answer.status === 204) { moveTo(answer.headers.get("Live-Cursor")); return true; }
    const { cursor, resync, events } = await answer.json();
    if (resync) deliver({ id: cursor, event: "live:resync", data: "" });
    for (const entry of events) await deliver(entry);
    moveTo(cursor);
    return true;
  }

  async function deliver({ id, event, data }) {
    if (!Live.take(id, event)) return;
    if (event) {
      htmx.trigger(element, event, { data, id });
      Live.named?.(event);
    } else {
      await htmx.swap({ sourceElement: element, target: element, swap: "none swapEmpty:false", text: data, request: {} });
    }
  }

  const moveTo = (cursor) => { if (cursor && Live.isLater(cursor)) Live.cursor = cursor; };
})();
