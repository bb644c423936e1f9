// The area that the list is narrowed to: drawn on the map by dragging, or taken from what the map shows.
(() => {
  const place = document.getElementById("ticket-map");
  const map = place?.ticketMap;
  if (!map) return;
  const words = JSON.parse(place.dataset.words);
  const button = document.querySelector("[data-map-draw]");
  const look = { className: "map-mark", weight: 2, fillOpacity: 0.08, interactive: false };
  if (place.dataset.area) L.rectangle(place.boundsOf(place.dataset.area), look).addTo(map);

  function choose(bounds) {
    const address = new URL(place.dataset.here, location);
    const round = (degrees) => degrees.toFixed(6).replace(/\.?0+$/, "");
    const sides = [Math.max(bounds.getSouth(), -90), bounds.getWest(), Math.min(bounds.getNorth(), 90), bounds.getEast()];
    address.searchParams.set("area", sides.map(round).join());
    address.hash = location.hash;
    location.assign(address);
  }

  let drawing = false, from = null, mark = null;
  function draw(on) {
    drawing = on;
    from = null;
    mark?.remove();
    mark = null;
    button.setAttribute("aria-pressed", String(on));
    place.classList.toggle("map--drawing", on);
    map.dragging[on ? "disable" : "enable"]();
    document.getElementById("map-note").textContent = on ? words.drawing : "";
  }

  place.addEventListener("pointerdown", (event) => {
    if (!drawing || event.target.closest(".leaflet-control")) return;
    from = map.mouseEventToLatLng(event);
    place.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  place.addEventListener("pointermove", (event) => {
    if (!from) return;
    const bounds = L.latLngBounds(from, map.mouseEventToLatLng(event));
    mark = mark ? mark.setBounds(bounds) : L.rectangle(bounds, look).addTo(map);
  });
  place.addEventListener("pointerup", () => {
    const bounds = mark?.getBounds();
    const drawn = from && bounds && bounds.getNorth() > bounds.getSouth() && bounds.getEast() > bounds.getWest();
    if (!from) return;
    draw(false);
    if (drawn) choose(bounds);
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && drawing && draw(false));
  button.addEventListener("click", () => draw(!drawing));
  document.querySelector("[data-map-view]").addEventListener("click", () => choose(map.getBounds()));
  place.addEventListener("map:area", ({ detail }) => choose(detail));
})();
