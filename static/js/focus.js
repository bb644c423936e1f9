// A swap that takes the focused element away gives the focus to what stands in its place: the same control by id or by
// its form's address, else the first control of the region; or what the form names in data-focus-then. Without it, the
// keyboard would begin anew at the page's top.
(() => {
  let last = null;

  function remember() {
    const on = document.activeElement;
    if (!on || on === document.body) return;
    const regions = [];
    for (let up = on.closest("[id]"); up; up = up.parentElement?.closest("[id]")) regions.push(up.id);
    last = { on, id: on.id, name: on.name, tag: on.localName, action: on.form?.getAttribute("action"), then: on.form?.dataset.focusThen, regions };
  }

  const shown = (control) => control.checkVisibility(); // what a closed menu holds cannot take the focus

  function same(region) {
    const twins = [...region.querySelectorAll(`${last.tag}:not([disabled], [type=hidden])`)].filter(shown);
    return twins.find((twin) => twin.name === last.name && twin.form?.getAttribute("action") === last.action);
  }

  function restore() {
    if (!last || last.on.isConnected || document.activeElement !== document.body) return;
    const region = last.regions.map((id) => document.getElementById(id)).find((found) => found?.checkVisibility());
    const controls = region?.querySelectorAll("select, button, a[href], input:not([type=hidden]), textarea, summary");
    const first = [...(controls ?? [])].find(shown);
    const then = last.then && document.getElementById(last.then);
    const next = then || (last.id && document.getElementById(last.id)) || (region && same(region)) || first;
    last = null;
    next?.focus({ preventScroll: !then }); // where the work goes on may be out of sight
  }

  document.addEventListener("htmx:before:swap", remember);
  document.addEventListener("htmx:after:swap", restore);
})();
