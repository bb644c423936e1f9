// The map of tickets: <div id="ticket-map" data-pins="…" data-start="south,west,north,east">. What is in view is asked
// of the server, which counts pins together; where the map stands is kept behind the # of the address.
(() => {
  const place = document.getElementById("ticket-map");
  if (!place || !window.L) return;
  const words = JSON.parse(place.dataset.words);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const boundsOf = ([south, west, north, east]) => L.latLngBounds([south, west], [north, east < west ? east + 360 : east]);
  const bounds = (text) => boundsOf(text.split(",").map(Number));
  const map = L.map(place, { zoomControl: false, worldCopyJump: true, maxZoom: 19, fadeAnimation: !still, zoomAnimation: !still, markerZoomAnimation: !still, inertia: !still });
  const pins = L.layerGroup().addTo(map);
  place.ticketMap = map;
  place.boundsOf = bounds;
  map.attributionControl.setPrefix("Leaflet");
  L.control.zoom({ zoomInTitle: words.in, zoomOutTitle: words.out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (place.dataset.tiles) {
    const credit = Object.assign(document.createElement("span"), { textContent: place.dataset.credit }).innerHTML;
    L.tileLayer(place.dataset.tiles, { attribution: credit, maxZoom: 19, referrerPolicy: "strict-origin-when-cross-origin" }).addTo(map);
  }

  function begin() {
    const kept = location.hash.slice(1).split("/").map(Number);
    if (kept.length === 3 && kept.every(Number.isFinite)) map.setView([kept[1], kept[2]], kept[0]);
    else if (place.dataset.area) map.fitBounds(bounds(place.dataset.area), { padding: [20, 20] });
    else if (place.dataset.start) map.fitBounds(bounds(place.dataset.start), { padding: [30, 30], maxZoom: 16 });
    else map.setView([0, 0], 1);
  }

  let asked = null;
  async function load() {
    asked?.abort();
    const mine = asked = new AbortController();
    place.setAttribute("aria-busy", "true");
    const seen = map.getBounds().pad(0.1);
    const view = [Math.max(seen.getSouth(), -90), seen.getWest(), Math.min(seen.getNorth(), 90), seen.getEast()];
    const address = new URL(place.dataset.pins, location);
    address.searchParams.set("view", view.map((side) => side.toFixed(5)).join());
    address.searchParams.set("zoom", map.getZoom());
    try {
      const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "application/json" } });
      if (answer.ok) draw(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") console.info("The pins could not be loaded:", error.message);
    }
    if (asked === mine) place.removeAttribute("aria-busy");
  }

  function draw({ pins: found, more }) {
    const focused = pins.getLayers().find((pin) => pin.getElement() === document.activeElement);
    const open = pins.getLayers().find((pin) => pin.isPopupOpen());
    const same = (pin) => found.find((one) => pin && one.label === pin.told.label && String(one.at) === String(pin.told.at));
    const again = { focus: same(focused), open: same(open) };
    if (again.open) return note(more); // a person reads it
    pins.clearLayers();
    for (const one of found) {
      const pin = pinOf(one).addTo(pins);
      if (one === again.focus) pin.getElement().focus();
    }
    if (focused && !again.focus) place.focus();
    note(more);
  }

  function pinOf(one) {
    const size = one.count > 1 ? 26 + Math.min(26, 6 * Math.log10(one.count) ** 1.4) : 18;
    const icon = L.divIcon({ className: `map-pin${one.count > 1 ? " map-pin--many" : ""}`, iconSize: [size, size], html: one.count > 1 ? new Option(one.count.toLocaleString(document.documentElement.lang)).text : "" });
    const pin = L.marker(one.at, { icon, title: one.label, riseOnHover: true });
    pin.told = one;
    pin.on("add", () => pin.getElement().setAttribute("aria-label", one.label));
    if (one.url) return pin.bindPopup(() => popup(one), { closeOnEscapeKey: false }).on("popupopen", ({ popup: shown }) => requestAnimationFrame(() => shown.getElement()?.querySelector("a[href^='/']").focus()));
    const nearer = () => (map.getZoom() >= 18 ? place.dispatchEvent(new CustomEvent("map:area", { detail: boundsOf(one.area).pad(0.1) })) : map.fitBounds(boundsOf(one.area), { padding: [40, 40], maxZoom: Math.min(18, map.getZoom() + 4) }));
    return pin.on("click", nearer).on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && nearer());
  }

  function popup(one) {
    const box = document.createElement("div");
    const link = Object.assign(document.createElement("a"), { href: one.url, textContent: one.title, dir: "auto" });
    box.append(link, document.createElement("br"), one.below);
    return box;
  }
  const note = (text) => { document.getElementById("map-note").textContent = text; };

  map.on("moveend", () => {
    const { lat, lng } = map.getCenter();
    history.replaceState(history.state, "", `#${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
    load();
  });
  place.addEventListener("keydown", ({ key }) => { // Leaflet hears it only while the map itself has the focus
    const open = key === "Escape" && pins.getLayers().find((pin) => pin.isPopupOpen());
    if (open) { open.closePopup(); open.getElement().focus(); }
  });
  document.addEventListener("live:applied", ({ target }) => target.id === "map-list" && load());
  begin();
})();
