// The menu of a narrow screen closes when the window grows past the width at which the sidebar stands by itself.
(() => {
  const wide = matchMedia("(width >= 60rem)");
  wide.addEventListener("change", () => {
    const nav = document.getElementById("site-nav");
    if (nav?.matches(":popover-open")) nav.hidePopover();
  });

  // An error summary takes the focus, so that a screen reader begins there and one Tab reaches the first field.
  function focusSummary() { document.querySelector("[data-focus-me]")?.focus(); }
  focusSummary();
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target;
    if (target?.querySelector?.("[data-focus-me]")) focusSummary();
  });
})();
