// Keeps what is typed into <form data-draft="key"> in this browser until it was sent. Passwords and files never.
// A page says that a form arrived with an element data-draft-sent="key"; an htmx answer with HX-Trigger: form:saved.
(() => {
  const place = (form) => `draft:${form.dataset.draft}`;
  const kept = (form) => [...form.elements].filter((field) =>
    field.name && field.name !== "csrf_token" && !["password", "file", "hidden", "submit", "button"].includes(field.type));
  const box = { get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* Full or private: no draft then. */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* Nothing was kept. */ } } };

  function keep(form) {
    const values = {};
    for (const field of kept(form)) {
      if (field.type === "checkbox" || field.type === "radio") { if (field.checked) (values[field.name] ||= []).push(field.value); }
      else if (field.value !== field.defaultValue) values[field.name] = field.value;
    }
    box.set(place(form), JSON.stringify({ at: Date.now(), values }));
  }

  function restore(form) {
    if (form.dataset.draftReady !== undefined) return;
    form.dataset.draftReady = "";
    let draft;
    try { draft = JSON.parse(box.get(place(form))); } catch { return; }
    if (!draft || Date.now() - draft.at > 14 * 86400000) return box.drop(place(form));
    let changed = false;
    for (const field of kept(form)) {
      const value = draft.values[field.name];
      if (Array.isArray(value)) { if (field.type === "checkbox" || field.type === "radio") field.checked = value.includes(field.value); }
      // What the server sent back after an error is newer than the draft.
      else if (typeof value === "string" && field.value === (field.defaultValue ?? "") && !field.defaultValue) {
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        changed ||= value.trim() !== "";
      }
    }
    if (changed) { form.dataset.dirty = ""; form.querySelector(".draft-note")?.removeAttribute("hidden"); }
  }

  const forms = (root) => root.querySelectorAll?.("form[data-draft]") ?? [];
  for (const sent of document.querySelectorAll("[data-draft-sent]")) box.drop(`draft:${sent.dataset.draftSent}`);
  forms(document).forEach(restore);
  document.addEventListener("htmx:after:swap", () => forms(document).forEach(restore));

  const timers = new WeakMap();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.draft === undefined) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), 400));
  });
  const forget = (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form) { clearTimeout(timers.get(form)); box.drop(place(form)); form.querySelector(".draft-note")?.setAttribute("hidden", ""); }
  };
  document.addEventListener("form:saved", forget);
  document.addEventListener("reset", forget);
})();
