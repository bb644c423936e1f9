// A place chosen on a map, or where the person's device is: <div data-place-picker> holds two hidden fields for latitude and
// longitude. Leaflet comes only when somebody opens a map. Without this script the text beside it says where it is.
(() => {
  const nonce = document.currentScript.nonce;
  let leaflet = null;

  function fetched(box) {
    leaflet ??= new Promise((resolve, reject) => {
      for (const href of box.dataset.sheets.split(" ")) document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
      document.head.append(Object.assign(document.createElement("script"), { src: box.dataset.leaflet, nonce, onload: resolve, onerror: reject }));
    });
    return leaflet;
  }

  function begin(box) {
    const part = (name) => box.querySelector(`[data-place-${name}]`);
    const words = JSON.parse(box.dataset.words);
    const [lat, lng] = [part("lat"), part("lng")];
    const [told, clear, open, locate, frame] = ["told", "clear", "open", "locate", "map"].map(part);
    let map = null, pin = null;
    const isSet = () => [lat, lng].every((field) => field.value && Number.isFinite(Number(field.value)));

    function show(text) {
      const set = isSet();
      told.textContent = text ?? (set ? `${words.chosen} ${lat.value}, ${lng.value}` : "");
      clear.hidden = !set;
      if (!map) return;
      pin?.remove();
      pin = set ? L.marker([lat.value, lng.value], { keyboard: false, icon: L.divIcon({ className: "map-pin", iconSize: [18, 18] }) }).addTo(map) : null;
    }
    function choose(where) {
      const { lat: north, lng: east } = where.wrap();
      lat.value = north.toFixed(6);
      lng.value = east.toFixed(6);
      lat.dispatchEvent(new Event("input", { bubbles: true }));
      show();
    }

    locate.hidden = !navigator.geolocation;
    locate.addEventListener("click", () => {
      locate.setAttribute("aria-busy", "true");
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        locate.removeAttribute("aria-busy");
        lat.value = coords.latitude.toFixed(6);
        lng.value = coords.longitude.toFixed(6);
        show();
        map?.setView([lat.value, lng.value], 17);
      }, () => {
        locate.removeAttribute("aria-busy");
        show(words.unknown);
      }, { enableHighAccuracy: true, timeout: 15000 });
    });
    for (const typed of [lat, lng]) typed.addEventListener("change", () => {
      show();
      if (isSet()) map?.setView([lat.value, lng.value], 17);
    });
    clear.addEventListener("click", () => {
      lat.value = lng.value = "";
      show();
      locate.focus();
    });

    async function draw() {
      await fetched(box);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      map = L.map(frame, { zoomControl: false, maxZoom: 19, zoomAnimation: !still, fadeAnimation: !still, inertia: !still });
      map.attributionControl.setPrefix("Leaflet");
      L.control.zoom({ zoomInTitle: words.in, zoomOutTitle: words.out }).addTo(map);
      const credit = Object.assign(document.createElement("span"), { textContent: box.dataset.credit }).innerHTML;
      L.tileLayer(box.dataset.tiles, { attribution: credit, maxZoom: 19, referrerPolicy: "strict-origin-when-cross-origin" }).addTo(map);
      if (isSet()) map.setView([lat.value, lng.value], 17);
      else if (box.dataset.start) {
        const [south, west, north, east] = box.dataset.start.split(",").map(Number);
        map.fitBounds([[south, west], [north, east]], { maxZoom: 15 });
      } else map.setView([0, 0], 1);
      map.on("click", ({ latlng }) => choose(latlng));
      frame.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.target !== frame) return;
        event.preventDefault();
        choose(map.getCenter());
      });
      show();
    }
    open?.removeAttribute("hidden");
    open?.addEventListener("click", async () => {
      frame.parentElement.hidden = !frame.parentElement.hidden;
      open.setAttribute("aria-expanded", String(!frame.parentElement.hidden));
      if (frame.parentElement.hidden) return;
      if (!map) await draw().catch(() => show(words.broken));
      map?.invalidateSize();
      frame.focus();
    });
    addEventListener("load", () => show()); // after a draft was restored
    show();
  }
  document.querySelectorAll("[data-place-picker]").forEach(begin);
})();
