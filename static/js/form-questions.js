// A form's own questions: those of other categories are hidden and not sent; a category may stop with a message. The server
// decides all of this once more.
(() => {
  const box = document.querySelector("[data-questions]");
  const form = box?.closest("form");
  if (!form) return;

  const stops = JSON.parse(box.dataset.stops ?? "{}");
  const category = form.elements.category;
  function fit() {
    const chosen = category?.value ?? "";
    for (const question of box.querySelectorAll("[data-for-categories]")) {
      const asked = JSON.parse(question.dataset.forCategories).includes(chosen);
      question.hidden = !asked;
      for (const control of question.querySelectorAll("input, select, textarea")) control.disabled = !asked;
    }
    const note = document.getElementById("stop-note"); // beside the category: where one looks when it stops
    if (note) note.textContent = stops[chosen] ?? "";
    if (note) note.hidden = !stops[chosen];
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = Boolean(stops[chosen]);
  }
  category?.addEventListener("change", fit);
  addEventListener("load", fit); // after a draft was restored
  fit();
})();
