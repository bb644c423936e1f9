// What was done here shows as done, with a mark, until the page itself says so: also after a reload without a network.
// Only what the page cannot know yet: `asOf` is when its words were asked for.
(() => {
  const Device = window.Device;
  if (!Device?.person) return;
  let asOf = Number(document.documentElement.dataset.keptAt) || performance.timeOrigin;
  Device.asOf = (at) => { if (at !== undefined) asOf = at; return asOf; };

  const marked = new Set(); // the notes of what is drawn now
  const formsOf = (change) => [...document.querySelectorAll(`form[data-queue="${change.kind}"]`)].filter((form) => new URL(form.action).pathname === change.url);
  function mark(place, change, changes) {
    let note = place.querySelector(":scope > .device-mark");
    if (!note) { note = Object.assign(document.createElement("span"), { className: "device-mark small" }); place.append(note); }
    marked.add(note);
    note.dataset.status = change.status;
    note.textContent = Device.status(change, changes);
  }

  function tick(change, changes) {
    for (const form of formsOf(change)) {
      const row = form.closest("li"), button = form.querySelector(".checklist__tick"), done = change.value === "done";
      if (change.value === "remove") { row.hidden = true; continue; }
      row.classList.toggle("is-done", done);
      button.setAttribute("aria-pressed", String(done));
      button.value = done ? "undone" : "done";
      form.elements.seen.value = change.value;
      const use = button.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, done ? "#circle-check" : "#circle"));
      mark(row, change, changes);
      recount(row.closest("ol"));
    }
  }
  function recount(list) {
    const rows = [...list.children].filter((row) => !row.hidden), title = list.closest(".card")?.querySelector(".card__title");
    const done = rows.filter((row) => row.classList.contains("is-done")).length;
    if (title && list.dataset.todo) title.lastChild.textContent = list.dataset.todo.replace("{done}", done).replace("{all}", rows.length);
  }

  function move(change, changes) {
    for (const badge of document.querySelectorAll(`[data-state-badge="${change.subject}"]`)) {
      const template = document.querySelector(`template[data-badge-of="${change.value}"]`);
      if (badge.dataset.state !== change.value && template) { badge.replaceChildren(template.content.cloneNode(true)); badge.dataset.state = change.value; }
      mark(badge, change, changes);
    }
    const moves = document.querySelector(`[data-moves][data-subject="${change.subject}"]`);
    const template = document.querySelector(`template[data-moves-of="${change.value}"]`);
    if (moves && template && moves.dataset.moves !== change.value) {
      const focused = moves.contains(document.activeElement);
      moves.replaceChildren(template.content.cloneNode(true));
      moves.dataset.moves = change.value;
      if (focused) moves.querySelector("button")?.focus({ preventScroll: true });
    }
  }

  function part(change, changes) {
    const used = change.fields.find(([name]) => name === "used")?.[1] ?? "";
    for (const form of formsOf(change)) {
      if (change.value === "remove") { form.closest("li").hidden = true; continue; }
      for (const name of ["used", "seen"]) form.elements[name].value = used;
      form.elements.used.defaultValue = used;
      mark(form.querySelector(".parts__name"), change, changes);
    }
  }

  Device.pending = async () => (await Device.of(Device.person)).filter((each) => isNews(each));

  const ways = { tick, move, part };
  const isNews = (each) => !each.sentAt || each.sentAt > asOf;
  let known = [];
  function draw(changes) {
    marked.clear();
    for (const each of changes) ways[each.kind]?.(each, changes);
    for (const note of document.querySelectorAll(".device-mark")) if (!marked.has(note)) note.remove();
  }
  async function show() {
    // The page may have been drawn anew while the store was read.
    const changes = known = (await Device.pending().catch(() => [])).filter(isNews);
    draw(changes);
    document.dispatchEvent(new CustomEvent("device:shown", { detail: { changes } }));
  }
  // Resolves when what is known at this moment is drawn; many at once are one.
  let turn = Promise.resolve(), next = null;
  Device.show = () => (next ??= turn = turn.then(() => { next = null; return show(); }).catch(() => {}));
  // At once where the page was drawn anew: nobody presses a button that shows what was before.
  const again = () => { draw(known.filter(isNews)); Device.show(); };
  for (const type of ["live:applied", "htmx:after:swap"]) document.addEventListener(type, again);
  document.addEventListener("device:changed", () => Device.show());
  Device.show();
})();
