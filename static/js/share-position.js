// Asks the device where it is, once, when its owner presses the button; without JavaScript there is no such button.
(() => {
  const form = document.querySelector("form[data-position]");
  const start = form?.querySelector("[data-position-start]");
  if (!start || !navigator.geolocation) return;
  const words = JSON.parse(form.dataset.words);
  const said = form.querySelector("[role=status]");
  start.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.lat.value) return;
    event.preventDefault();
    said.textContent = words.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.elements.lng.value = coords.longitude.toFixed(6);
        form.requestSubmit();
      },
      () => { said.textContent = words.refused; },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
})();
