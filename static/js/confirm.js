// Asks before it happens: forms and buttons with data-confirm="sentence", and htmx requests with hx-confirm.
(() => {
  let waiting = null;

  function ask(text, yes) {
    const dialog = document.getElementById("confirm");
    if (!dialog?.showModal) return Promise.resolve(window.confirm(text));
    dialog.querySelector("#confirm-text").textContent = text;
    const button = dialog.querySelector("[data-confirm-yes]");
    button.textContent = yes || button.dataset.default;
    dialog.returnValue = "";
    dialog.showModal();
    waiting?.(false);
    return new Promise((resolve) => {
      waiting = resolve;
      dialog.addEventListener("close", () => { waiting = null; resolve(dialog.returnValue === "yes"); }, { once: true });
    });
  }

  document.addEventListener("submit", (event) => {
    const source = event.submitter?.dataset.confirm ? event.submitter : event.target;
    if (!source.dataset.confirm || event.target.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(source.dataset.confirm, source.dataset.confirmYes).then((sure) => {
      if (!sure) return;
      event.target.dataset.confirmed = "yes";
      event.target.requestSubmit(event.submitter);
      delete event.target.dataset.confirmed;
    });
  }, true);

  document.addEventListener("htmx:confirm", (event) => {
    const { ctx, issueRequest, dropRequest } = event.detail;
    const text = ctx?.confirm;
    if (!text) return;
    event.preventDefault();
    ask(text, ctx.sourceElement?.dataset.confirmYes).then((sure) => (sure ? issueRequest(true) : dropRequest?.()));
  });
})();
