// <form data-queue="note" data-queue-subject="J-2026-000001">: what is sent is kept on this device first, online, too, and
// goes out from there. One way for all: what was once pressed arrives, and once. Photos go one by one. Without IndexedDB
// a form is sent as it always was.
(() => {
  const Device = window.Device;
  if (!Device?.person) return;
  const HOW = new Set(["csrf_token", "back", "client_id", "submission_key"]);
  const told = (form, button, fields) => {
    const field = (name) => fields.find(([key]) => key === name)?.[1] ?? "";
    return field("body") || field("text") || field("title") || field("part") || field("signed_by")
      || form.dataset.queueSays?.replace("{used}", field("used")) || [button?.dataset.says ?? button?.textContent.trim(), field("reason")].filter(Boolean).join(": ");
  };

  function changesOf(form, button) {
    const fields = [], files = [];
    for (const [name, value] of new FormData(form, button)) {
      if (typeof value !== "string") { if (value.size || value.name) files.push({ name, file: value }); }
      else if (!HOW.has(name)) fields.push([name, value]);
    }
    for (const [name, value] of Object.entries(JSON.parse(form.dataset.queueAdds ?? "{}"))) fields.push([name, value]);
    const { queue: kind, queueSubject: subject, queueOf: of = "", queueKey: key = "client_id" } = form.dataset;
    const change = { person: Device.person, kind, subject, of, key, url: new URL(form.action).pathname, at: Date.now(), page: location.pathname,
      fields, value: button?.name ? button.value : "", says: told(form, button, fields) };
    const parts = kind === "photo" ? files.map((each) => ({ ...change, says: each.file.name, files: [each] })) : [{ ...change, files }];
    return parts.map((each) => ({ ...each, id: crypto.randomUUID() }));
  }

  async function keep(form, button) {
    const changes = changesOf(form, button);
    form.dataset.keeping = "";
    try {
      await Device.add(changes);
    } catch (error) {
      if (error?.name === "QuotaExceededError") return Device.alert(Device.words.full);
      form.dataset.plain = ""; // nothing can be kept here: as without a script
      return form.requestSubmit(button);
    } finally {
      delete form.dataset.keeping;
    }
    delete form.dataset.leaving;
    delete form.dataset.dirty;
    if (form.hasAttribute("data-queue-clears")) form.reset();
    form.closest("details[open]")?.removeAttribute("open");
    form.dispatchEvent(new CustomEvent("form:saved", { bubbles: true }));
    document.dispatchEvent(new CustomEvent("device:kept", { detail: { changes, form } }));
    Device.hurry();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.queue || event.defaultPrevented || Device.broken || "plain" in form.dataset) return;
    event.preventDefault();
    if ("keeping" in form.dataset || (form.noValidate && !form.reportValidity())) return;
    keep(form, event.submitter);
  });

  Device.alert = (text) => {
    const template = document.getElementById("toast-error");
    const toast = template?.content.firstElementChild.cloneNode(true);
    if (!toast) return;
    toast.querySelector("[data-toast-text]").textContent = text;
    toast.querySelector("[data-toast-link]")?.remove();
    document.getElementById("toasts").append(toast);
  };
})();
