// When a change has arrived, the page asks anew for what it shows, at once, and also while its button still has the focus:
// one's own deed is no surprise. What somebody is typing there stays.
(() => {
  const Device = window.Device, Live = window.Live ?? {};
  if (!Device?.person || !Live.swap) return;
  const known = new Map(); // changes that this page has shown as waiting
  const GAP = 700; // ms from one asking to the next, while many changes go out
  let running = false, again = false;

  function safe(region) {
    const why = Live.busy(region);
    return !why || (why === "focus" && document.activeElement.matches("button, summary, a, [tabindex]"));
  }

  async function refetch(region) {
    const at = Date.now();
    const answer = await fetch(region.dataset.liveSrc, { cache: "no-store", signal: AbortSignal.timeout(15000), headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href } });
    if (answer.status !== 200) return 0;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const fresh = template.content.getElementById(region.id);
    if (!fresh || !region.isConnected) return 0;
    if (!safe(region)) { Live.named?.(region.dataset.liveOn.split(" ")[0]); return 0; }
    Device.asOf(at); // before: what is drawn meanwhile goes by it
    await Live.swap(region, "outerMorph", fresh.outerHTML);
    document.getElementById(region.id)?.dispatchEvent(new CustomEvent("live:applied", { bubbles: true }));
    return at;
  }

  Device.refresh = async () => {
    if (running) { again = true; return; }
    running = true;
    do {
      again = false;
      const pause = new Promise((done) => { setTimeout(done, GAP); });
      for (const region of document.querySelectorAll("main [data-live-region]")) await refetch(region).catch(() => 0);
      if (again) await pause;
    } while (again);
    running = false;
  };

  document.addEventListener("device:shown", ({ detail: { changes } }) => {
    const left = new Set(changes.filter((each) => each.status !== "sent").map((each) => each.id));
    // Sent after the page was asked for, or given up.
    const gone = changes.some((each) => each.status === "sent") || [...known.keys()].some((id) => !left.has(id));
    known.clear();
    for (const id of left) known.set(id, true);
    if (gone) Device.refresh();
  });
})();
