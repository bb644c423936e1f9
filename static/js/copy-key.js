// The key . copies the number of the ticket on the page (its button has data-copy-key), and says so. Not inside fields, not
// with other keys, not where single keys are switched off (<body data-keys="off">).
(() => {
  document.addEventListener("keydown", (event) => {
    const button = document.querySelector("[data-copy-key]");
    if (event.key !== "." || !button || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.body.dataset.keys === "off" || event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    event.preventDefault();
    const before = document.activeElement;
    button.click();
    setTimeout(() => before?.focus?.({ preventScroll: true }), 100);
    const data = JSON.stringify({ kind: "info", text: button.dataset.copyKey });
    document.dispatchEvent(new CustomEvent("live:toast", { detail: { data } }));
  });
})();
