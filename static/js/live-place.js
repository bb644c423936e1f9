// A live update moves nothing under somebody's hands: the field in which they type stays where it is on the screen,
// however much appears above it. (Where nobody types, the browser keeps the place of what is read.)
(() => {
  const Live = (window.Live = window.Live || {});

  function held(target) {
    const field = document.activeElement;
    if (!field || field === document.body || target.contains(field)) return null;
    const { top, bottom } = field.getBoundingClientRect();
    return bottom > 0 && top < innerHeight ? { field, top } : null;
  }

  Live.keepsPlace = (target) => held(target) !== null;
  Live.swap = async (target, style, html) => {
    const place = held(target), root = document.documentElement;
    if (place) root.style.overflowAnchor = "none"; // or the browser would do the same once more
    await htmx.swap({ sourceElement: target, target, swap: style, text: html, request: {} });
    if (!place) return;
    const moved = place.field.isConnected ? place.field.getBoundingClientRect().top - place.top : 0;
    if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
    requestAnimationFrame(() => { root.style.overflowAnchor = ""; });
  };
})();
