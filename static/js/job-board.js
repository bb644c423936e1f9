// The board of jobs: a card that is dragged to a column presses the button of its own menu that leads there. Where a
// reason is needed, the menu opens and waits for it.
(() => {
  let dragged = null;
  const column = (event) => event.target.closest?.(".board__column");
  const may = (target) => dragged && target && dragged.dataset.moves.split(" ").includes(target.dataset.state);
  const mark = (target) => document.querySelectorAll(".board__column").forEach((one) => one.classList.toggle("is-over", one === target));

  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.(".job-card");
    if (!card) return;
    dragged = card;
    card.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.id);
  });
  document.addEventListener("dragover", (event) => {
    const target = column(event);
    if (!may(target)) return;
    event.preventDefault();
    mark(target);
  });
  document.addEventListener("drop", (event) => {
    const target = column(event);
    if (!may(target)) return;
    event.preventDefault();
    const menu = dragged.querySelector("details");
    const button = menu.querySelector(`button[name=state][value=${target.dataset.state}]`);
    if (button.formNoValidate) return button.click();
    menu.open = true;
    menu.querySelector("input[name=reason]").focus();
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    mark(null);
  });
})();
