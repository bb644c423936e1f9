// Keeps what is typed into <form data-draft="key"> in this browser until it was sent. Passwords and files never.
// Sent is: a plain submit answered by a redirect, an element data-draft-sent="key", or HX-Trigger: form:saved.
(() => {
  const OLDEST = 14 * 86400000, PENDING = "draft-pending";
  const place = (key) => `draft:${key}`;
  const box = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* Full or private: no draft then. */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* Nothing was kept. */ } },
  };
  const timers = new WeakMap();
  const fields = (form) => [...form.elements].filter((field) =>
    field.name && field.name !== "csrf_token" && !["password", "file", "hidden", "submit", "button"].includes(field.type));
  const ticked = (field) => field.type === "checkbox" || field.type === "radio";

  function keep(form) {
    const values = {};
    for (const field of fields(form)) {
      if (!ticked(field)) { if (field.value !== field.defaultValue) values[field.name] = field.value; }
      else if (field.checked) (values[field.name] ||= []).push(field.value);
    }
    box.set(place(form.dataset.draft), JSON.stringify({ at: Date.now(), values }));
  }

  const stop = (form) => { clearTimeout(timers.get(form)); timers.delete(form); };

  function forget(form) {
    stop(form);
    box.drop(place(form.dataset.draft));
    form.querySelector(".draft-note")?.setAttribute("hidden", "");
  }

  function restore(form) {
    if (form.dataset.draftReady !== undefined) return;
    form.dataset.draftReady = "";
    form.addEventListener("reset", () => forget(form));
    let draft = null;
    try { draft = JSON.parse(box.get(place(form.dataset.draft))); } catch { /* Not ours. */ }
    if (!draft || Date.now() - draft.at > OLDEST) return box.drop(place(form.dataset.draft));
    // The server keeps one as well (server-drafts.js): the newer one counts, and what it once had and has no more was sent.
    const theirs = Number(form.dataset.draftAt ?? 0);
    if (form.dataset.draftTo !== undefined && draft.synced && !theirs) return box.drop(place(form.dataset.draft));
    if (theirs + 2000 > draft.at) return;
    let changed = false;
    for (const field of fields(form)) {
      const value = draft.values?.[field.name];
      if (ticked(field)) { if (Array.isArray(value)) field.checked = value.includes(field.value); continue; }
      // What the server sent back after an error is newer than the draft.
      if (typeof value !== "string" || (field.defaultValue && !theirs) || field.value === value) continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      changed ||= value.trim() !== "";
    }
    if (changed) form.querySelector(".draft-note")?.removeAttribute("hidden");
  }

  function forgetWhatWasSent() {
    let key = null;
    try { key = sessionStorage.getItem(PENDING); sessionStorage.removeItem(PENDING); } catch { /* Private window. */ }
    const [arrival] = performance.getEntriesByType("navigation");
    if (key && arrival?.redirectCount > 0) box.drop(place(key));
    forgetMarked();
  }

  function forgetMarked() {
    for (const sent of document.querySelectorAll("[data-draft-sent]")) { box.drop(place(sent.dataset.draftSent)); sent.remove(); }
  }

  const restoreAll = () => document.querySelectorAll("form[data-draft]").forEach(restore);
  forgetWhatWasSent();
  restoreAll();
  document.addEventListener("htmx:after:swap", () => { forgetMarked(); restoreAll(); });
  // Before the swap: the answer may bring the same form anew, which must not find the draft again.
  document.addEventListener("htmx:after:request", (event) => {
    const { hx, sourceElement } = event.detail?.ctx ?? {};
    const form = sourceElement?.closest?.("form[data-draft]");
    if (form && hx?.trigger?.includes("form:saved")) forget(form);
  });

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.dataset.draft === undefined) return;
    stop(form);
    timers.set(form, setTimeout(() => { timers.delete(form); if (form.isConnected) keep(form); }, 400));
  });
  // Whoever leaves the page in the middle of a word finds it again.
  addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("form[data-draft]")) if (timers.has(form)) { stop(form); keep(form); }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.dataset.draft === undefined) return;
    stop(form);
    keep(form);
    try { sessionStorage.setItem(PENDING, form.dataset.draft); } catch { /* Private window. */ }
  });
})();
