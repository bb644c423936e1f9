// Single keys, for who has not switched them off: `data-key="/"` or `data-key="g t"` on whatever they focus (a field) or press
// (`data-key-then`: the id of a field that is focused afterwards),
// `data-key-rows` around rows that j and k walk through, o opens and x ticks. Never while somebody types.
(() => {
  if (document.body.dataset.keys !== "on") return;
  const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  const TOGETHER = 1500; // ms between two keys of one pair
  let before = { key: "", at: 0 };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest?.(FIELDS) || document.querySelector("dialog:modal, [popover]:popover-open")) return;
    const pair = performance.now() - before.at < TOGETHER ? `${before.key} ${event.key}` : "";
    before = { key: event.key, at: performance.now() };
    const target = (pair && keyed(pair)) || keyed(event.key);
    if (target) { event.preventDefault(); before.key = ""; return use(target); }
    const move = MOVES[event.key];
    if (move?.(document.querySelector("[data-key-rows]"), event)) event.preventDefault();
  });

  const keyed = (keys) => document.querySelector(`[data-key="${CSS.escape(keys)}"]`);
  function use(target) {
    if (target.matches("dialog")) return target.showModal();
    if (target.matches(FIELDS)) return focusOn(target);
    target.click();
    focusOn(document.getElementById(target.dataset.keyThen));
  }

  function focusOn(field) {
    field?.focus();
    if (field?.matches("input")) field.select();
  }

  const rowsOf = (frame) => [...(frame?.querySelectorAll("tr[data-live-row]") ?? [])];
  const linkOf = (row) => row?.querySelector("th a");
  const current = () => document.activeElement?.closest("tr[data-live-row]");
  function walk(frame, by) {
    const rows = rowsOf(frame);
    const here = rows.indexOf(current());
    const next = here < 0 ? rows[by > 0 ? 0 : rows.length - 1] : rows[here + by];
    linkOf(next)?.focus();
    next?.scrollIntoView({ block: "nearest" });
    return rows.length > 0;
  }
  const MOVES = {
    j: (frame) => walk(frame, 1),
    k: (frame) => walk(frame, -1),
    o: () => { const link = linkOf(current()); link?.click(); return Boolean(link); },
    Enter: (_frame, event) => { const link = event.target.matches("a, button, summary") ? null : linkOf(current()); link?.click(); return Boolean(link); },
    x: () => { const box = current()?.querySelector("input[name=pick]"); box?.click(); return Boolean(box); },
  };
})();
