// <ul data-waiting="note photo" data-subject="J-2026-000001">: notes, photos, messages and reports that are still on this
// device, where they will stand once they have arrived.
(() => {
  const Device = window.Device;
  if (!Device?.person) return;

  function fill(list, changes) {
    const kinds = list.dataset.waiting.split(" "), { subject } = list.dataset;
    const wanted = changes.filter((each) => kinds.includes(each.kind) && (!subject || each.subject === subject));
    const drawn = wanted.map((each) => [each.id, each.status, Device.status(each, changes)].join()).join("|");
    if (list.dataset.drawn === drawn) return;
    list.dataset.drawn = drawn;
    list.replaceChildren(...wanted.map((each) => card(each, changes)));
    list.hidden = !wanted.length;
  }

  function card(change, changes) {
    const made = Device.card(change, changes);
    if (change.status === "refused" || change.status === "conflict") {
      const link = Object.assign(document.createElement("a"), { href: "/my-day/device", textContent: Device.words.decide });
      made.querySelector(".device-change__words").append(link);
    }
    return made;
  }

  document.addEventListener("device:shown", ({ detail: { changes } }) => {
    for (const list of document.querySelectorAll("[data-waiting]")) fill(list, changes);
  });
})();
