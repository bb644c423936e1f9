// A person's day: dragging a job to another place sends the new order. The arrows beside each do the same.
(() => {
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".plan__job");
    if (!dragged) return;
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
  });
  document.addEventListener("dragover", (event) => {
    const other = event.target.closest?.(".plan__job");
    if (!dragged || !event.target.closest?.(".plan")) return;
    event.preventDefault();
    if (!other || other === dragged) return;
    const box = other.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) other.before(dragged);
    else other.after(dragged);
  });
  document.addEventListener("drop", (event) => {
    const list = event.target.closest?.(".plan");
    const form = document.querySelector("form[data-day-order]");
    if (!dragged || !list || !form) return;
    event.preventDefault();
    form.elements.order.value = [...list.querySelectorAll("[data-job]")].map((job) => job.dataset.job).join();
    form.requestSubmit();
  });
  document.addEventListener("dragend", () => { dragged?.classList.remove("is-dragged"); dragged = null; });
})();
