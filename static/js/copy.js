// Buttons with data-copy="text" put it on the clipboard and say so for two seconds.
(() => {
  async function write(text) {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    // Without https there is no clipboard API; a selected field and the old command still work.
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
    document.body.append(area);
    area.focus();
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await write(button.dataset.copy);
    button.focus({ preventScroll: true });
    const before = button.getAttribute("aria-label");
    button.setAttribute("aria-label", button.dataset.copied);
    button.dataset.done = "";
    setTimeout(() => { button.setAttribute("aria-label", before); delete button.dataset.done; }, 2000);
  });
})();
