// <form data-draft-to="/address">: what is typed is also kept on the server, so that it follows its writer to another
// browser. The copy in this browser (drafts.js) stands beside it and is marked once the server has it.
(() => {
  const WAIT = 1500;
  const timers = new WeakMap(), sending = new WeakMap();

  function mark(form) {
    const key = `draft:${form.dataset.draft}`;
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      if (kept) localStorage.setItem(key, JSON.stringify({ ...kept, synced: true }));
    } catch { /* No copy here. */ }
  }

  function stop(form) {
    clearTimeout(timers.get(form));
    timers.delete(form);
    sending.get(form)?.abort();
  }

  async function keep(form) {
    stop(form);
    if (!form.isConnected || form.hasAttribute("data-sending")) return;
    const body = new FormData(form);
    body.delete("photos");
    const abort = new AbortController();
    sending.set(form, abort);
    const answer = await fetch(form.dataset.draftTo, { method: "POST", body, signal: abort.signal, keepalive: true }).catch(() => null);
    if (answer?.ok) mark(form);
  }

  function hold(event) {
    const form = event.target.form;
    if (form?.dataset.draftTo === undefined || event.target.type === "file") return;
    // What was on the screen when the writing began is what the answer answers.
    const seen = form.elements.seen_response_id, newest = document.querySelector("[data-newest]")?.dataset.newest;
    if (event.target.matches("textarea") && form.dataset.begun === undefined && !form.dataset.draftAt && seen && newest) {
      form.dataset.begun = "";
      if (!document.getElementById("came-since")) seen.value = newest;
    }
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(keep, WAIT, form));
  }
  document.addEventListener("input", hold);
  document.addEventListener("change", hold);
  document.addEventListener("submit", (event) => { if (event.target.dataset.draftTo !== undefined) stop(event.target); });
  addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("form[data-draft-to]")) if (timers.has(form)) keep(form);
  });
})();
