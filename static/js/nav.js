// The menu of a narrow screen closes when the window grows past the width at which the sidebar stands by itself.
(() => {
  const wide = matchMedia("(width >= 60rem)");
  wide.addEventListener("change", () => {
    const nav = document.getElementById("site-nav");
    if (nav?.matches(":popover-open")) nav.hidePopover();
  });

  // An error summary takes the focus once, so that a screen reader begins there and one Tab reaches the first field.
  function focusSummary() {
    const summary = document.querySelector("[data-focus-me]");
    summary?.removeAttribute("data-focus-me");
    summary?.focus();
  }
  focusSummary();
  document.addEventListener("htmx:after:swap", focusSummary);
})();
