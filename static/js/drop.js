// A form with one file input takes a file that is dropped anywhere on it: <form data-drop>.
(() => {
  for (const form of document.querySelectorAll("form[data-drop]")) {
    const input = form.querySelector("input[type=file]");
    const over = (on) => form.classList.toggle("is-over", on);
    form.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      over(true);
    });
    form.addEventListener("dragleave", (event) => { if (!form.contains(event.relatedTarget)) over(false); });
    form.addEventListener("drop", (event) => {
      over(false);
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      const one = new DataTransfer();
      one.items.add(event.dataTransfer.files[0]);
      input.files = one.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
  }
})();
