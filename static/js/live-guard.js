// Live updates never destroy what a person is doing: busy() tells why an element must not be replaced just now,
// pushed swaps on such elements are held, and whatever is held is tried again as soon as it is safe.
(() => {
  const Live = (window.Live = window.Live || {});
  const REPLACES = new Set(["innerHTML", "outerHTML", "innerMorph", "outerMorph", "outerSync", "textContent", "delete"]);
  const OPEN = "dialog[open], details[open]:not([data-live-ignore]), [popover]:popover-open";
  const POINTER_RESTS = 1500; // ms without a move: then a list may change under the pointer
  let pointer = { at: 0, on: null };

  for (const type of ["pointermove", "pointerdown"]) {
    document.addEventListener(type, (event) => { pointer = { at: performance.now(), on: event.target, mouse: event.pointerType === "mouse" }; }, { passive: true, capture: true });
  }

  document.documentElement.addEventListener("pointerleave", () => { pointer = { at: 0, on: null }; });

  function changed(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.dataset.touched !== undefined;
    return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  }
  document.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") event.target.dataset.touched = ""; });

  function selected(element) {
    const selection = getSelection();
    return Boolean(selection?.rangeCount) && !selection.isCollapsed && selection.getRangeAt(0).intersectsNode(element);
  }

  // Why `element` must be left alone, or "" when it may be replaced. `list`: rows would move under the reader's eyes.
  Live.busy = (element, { list = false } = {}) => {
    const active = document.activeElement;
    if (active && active !== document.body && element.contains(active)) return "focus";
    if (element.closest("[data-dirty]") || element.querySelector("[data-dirty]")) return "dirty";
    if ([...element.querySelectorAll("input, textarea, select")].some(changed)) return "dirty";
    if (element.matches(OPEN) || element.querySelector(OPEN)) return "open";
    const modal = document.querySelector("dialog:modal");
    if (modal && !modal.contains(element)) return "dialog";
    if (selected(element)) return "selection";
    if (!list) return "";
    if (scrollY > 40 && !Live.keepsPlace(element) && element.getBoundingClientRect().top < 0) return "scrolled";
    if (!pointer.on || !element.contains(pointer.on)) return "";
    // data-live-still: what a mouse points at does not move, however long it rests there.
    const points = performance.now() - pointer.at < POINTER_RESTS || (pointer.mouse && element.dataset.liveStill !== undefined);
    return points ? "pointer" : "";
  };

  // What is held back: functions that try, and say true when they are done.
  const waiting = new Set();
  let timer = 0;
  function tryAll() {
    for (const attempt of [...waiting]) if (attempt()) waiting.delete(attempt);
    if (!waiting.size) { clearInterval(timer); timer = 0; }
  }
  Live.whenSafe = (attempt) => {
    waiting.add(attempt);
    timer ||= setInterval(tryAll, 700);
  };
  for (const type of ["focusout", "submit", "reset", "form:saved", "toggle", "close"]) {
    document.addEventListener(type, () => { if (waiting.size) setTimeout(tryAll, 60); }, true);
  }

  const held = new Map(); // element → [{ style, html }], in the order in which they came
  function hold(element, style, html) {
    const queue = style.startsWith("outer") || style === "delete" ? [] : held.get(element) ?? [];
    queue.push({ style, html });
    held.set(element, queue.slice(-50));
    element.setAttribute("data-live-held", "");
    if (queue.length === 1) Live.whenSafe(() => release(element));
  }
  function release(element) {
    if (!held.has(element)) return true;
    if (element.isConnected && Live.busy(element)) return false;
    const queue = held.get(element);
    held.delete(element);
    element.removeAttribute("data-live-held");
    const target = element.isConnected ? element : element.id && document.getElementById(element.id);
    if (target) queue.forEach(({ style, html }) => Live.swap(target, style, html));
    return true;
  }

  document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
    if (ctx.sourceElement?.id !== "live") return; // what a person asked for is never held
    for (const task of [...tasks]) {
      const { target, swapSpec: { style }, fragment } = task;
      if (!(target instanceof Element) || !REPLACES.has(style)) continue;
      if (!held.has(target) && !Live.busy(target)) continue;
      const box = document.createElement("div");
      box.append(fragment.cloneNode(true));
      hold(target, style, box.innerHTML);
      tasks.splice(tasks.indexOf(task), 1);
    }
  });
})();
