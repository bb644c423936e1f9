// Forms: one submit at a time, a mark on changed ones, a warning before text is lost, files that are too big.
(() => {
  const guarded = (form) => form.method !== "get" && form.method !== "dialog" && !form.hasAttribute("data-download");

  function busy(form, on) {
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
      button.toggleAttribute("aria-busy", false);
      if (on) button.setAttribute("aria-busy", "true");
    }
    form.toggleAttribute("data-sending", on);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!guarded(form)) return;
    if (form.hasAttribute("data-sending")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    // An htmx form ends its own state below; a plain one leaves the page. A download does not: free it after a while.
    setTimeout(() => { if (!event.defaultPrevented || form.matches("[hx-post],[hx-put],[hx-patch],[hx-delete]")) busy(form, true); });
    form.dataset.leaving = "";
    setTimeout(() => { busy(form, false); delete form.dataset.leaving; }, 20000);
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const form = event.detail?.ctx?.sourceElement?.closest?.("form");
    if (form) { busy(form, false); delete form.dataset.leaving; }
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach((form) => busy(form, false)));

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && guarded(form)) form.dataset.dirty = "";
    count(event.target);
  });
  document.addEventListener("reset", (event) => delete event.target.dataset.dirty);
  document.addEventListener("form:saved", (event) => delete event.target.dataset?.dirty);

  // Ctrl+Enter (Cmd+Enter) sends the form that a text of many lines belongs to, as its own button would.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("textarea") && event.target.form;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || !form || !guarded(form)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[type=submit]"));
  });

  addEventListener("beforeunload", (event) => {
    const unsent = [...document.querySelectorAll("form[data-warn-unsent][data-dirty]")]
      .some((form) => !("leaving" in form.dataset) && [...form.querySelectorAll("textarea, input[type=text]")].some((field) => field.value.trim() && field.value !== field.defaultValue));
    if (unsent) event.preventDefault();
  });

  // Letters left, for fields with data-limit; they may be overstepped while writing, and the server has the last word.
  function count(field) {
    const limit = Number(field.dataset?.limit);
    if (!limit) return;
    let note = field.parentElement.querySelector(".field__count");
    if (!note) { note = Object.assign(document.createElement("p"), { className: "field__count" }); field.after(note); }
    note.textContent = `${field.value.length} / ${limit}`;
    note.classList.toggle("field__count--over", field.value.length > limit);
  }

  document.querySelectorAll("[data-limit]").forEach(count);

  document.addEventListener("change", (event) => {
    const max = Number(event.target.dataset?.maxBytes);
    if (!max) return;
    const tooBig = [...event.target.files].find((file) => file.size > max);
    event.target.setCustomValidity(tooBig ? `${tooBig.name}: ${event.target.dataset.tooBig}` : "");
    if (tooBig) event.target.reportValidity();
  });
})();
