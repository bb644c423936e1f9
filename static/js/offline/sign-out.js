// Signing out clears this device: copies of pages, what was typed and what was sent. What has not been sent is asked about
// first. Nothing is cleared before the desk has let go of the device, which takes a network.
(() => {
  const Device = window.Device, dialog = document.getElementById("sign-out");
  if (!Device?.person || !dialog) return;
  const note = dialog.querySelector("[data-sign-out-note]"), text = dialog.querySelector("[data-sign-out-text]");
  let leaving = null;

  async function clear() {
    await window.Kept?.clear();
    await Device.forget(Device.person);
    await Device.setFact("person", 0);
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
  }

  const reach = (address, options) => fetch(address, { cache: "no-store", signal: AbortSignal.timeout(15000), ...options }).catch(() => null);
  async function signedOut(form) {
    const here = await reach("/my-day/session", { headers: { Accept: "application/json" } });
    if (here?.status === 401) return true; // on another device, meanwhile
    if (!here?.ok) return false;
    const body = new FormData(form);
    body.set("csrf_token", (await here.json()).csrf);
    return (await reach(form.action, { method: "POST", body }))?.ok ?? false;
  }

  async function leave(form) {
    if (!await signedOut(form)) { ask(form, Device.words["no-network"]); return; }
    await clear().catch(() => {});
    location.assign("/login");
  }

  async function ask(form, said = "") {
    const left = await Device.unsent(Device.person);
    leaving = form;
    note.textContent = said;
    text.textContent = left.length ? Device.many("unsent", left.length) : Device.words["none-unsent"];
    for (const each of dialog.querySelectorAll("[data-when-unsent]")) each.hidden = !left.length;
    dialog.querySelector("[data-sign-out-go]").textContent = Device.words[left.length ? "leave-and-lose" : "leave"];
    if (!dialog.open) dialog.showModal();
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!JSON.parse(dialog.dataset.of).includes(new URL(form.action).pathname) || event.defaultPrevented || Device.broken) return;
    event.preventDefault();
    delete form.dataset.leaving;
    if ((await Device.unsent(Device.person)).length) ask(form);
    else leave(form);
  });

  dialog.addEventListener("click", async ({ target }) => {
    if (target.closest("[data-sign-out-stay]")) { dialog.close(); return; }
    if (target.closest("[data-sign-out-go]")) { dialog.close(); await leave(leaving); return; }
    if (!target.closest("[data-sign-out-send]")) return;
    note.textContent = Device.words["sending-now"];
    await Device.send();
    if ((await Device.unsent(Device.person)).length) ask(leaving, Device.words["not-all"]);
    else { dialog.close(); leave(leaving); }
  });
})();
