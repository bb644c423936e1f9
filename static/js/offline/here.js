// Who is here, when to send, and how many changes wait: on every page of somebody who is signed in.
(() => {
  const place = document.getElementById("device");
  const Device = window.Device;
  if (!place || !Device) return;
  Device.person = Number(place.dataset.person);
  Device.words = JSON.parse(place.dataset.words);
  Device.state = "";
  Device.say = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), Device.words[name] ?? "");
  Device.many = (name, n) => Device.say(`${name}-${n === 1 ? "one" : "many"}`, { n });
  const count = document.getElementById("device-count");
  let showing = null, again = false;

  async function show() {
    const left = await Device.unsent(Device.person).catch(() => null);
    if (!left) return; // what cannot be counted is not none
    const stuck = left.filter((each) => each.status === "refused" || each.status === "conflict").length;
    const words = [];
    if (left.length > stuck) words.push(Device.many("waiting", left.length - stuck));
    if (stuck) words.push(Device.many("stuck", stuck));
    if (left.length && ["out", "other"].includes(Device.state)) words.push(Device.words[Device.state]);
    if (count) {
      count.hidden = !left.length;
      count.dataset.state = stuck ? "stuck" : "waiting";
      if (count.textContent !== words.join(", ")) count.textContent = words.join(", ");
    }
    document.dispatchEvent(new CustomEvent("device:changed"));
  }

  Device.heard = ({ state } = {}) => {
    if (state !== undefined) Device.state = state;
    if (state === "out" || state === "other") window.Kept?.clear(state === "out" ? "" : Device.person); // what was kept to be read is no longer theirs
    again = true;
    showing ??= rounds().finally(() => { showing = null; });
  };
  // However many changes go out at once: the page is drawn as often as it can be.
  async function rounds() { while (again) { again = false; await show(); } }

  // What was done here goes by itself; where the browser can, also after the last page was closed.
  Device.hurry = async () => {
    const registration = await navigator.serviceWorker?.getRegistration("/").catch(() => null);
    registration?.sync?.register("tulay-send").catch(() => {});
    return Device.send();
  };

  addEventListener("online", () => Device.send());
  addEventListener("pageshow", ({ persisted }) => { if (persisted) Device.send(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) Device.send(); });
  Device.setFact("person", Device.person).then(() => Device.send()).catch(() => { Device.broken = true; });
  Device.heard();
})();
