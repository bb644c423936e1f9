// Light, dark or as the system says. Runs in the head, before the first paint, so that no page flashes.
(() => {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };

  function show(choice) {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    for (const input of document.querySelectorAll("[data-theme-choice] input")) {
      input.checked = input.value === (choice || "system");
    }
  }

  function choose(choice) {
    try {
      if (choice === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
    } catch { /* Private window: the choice holds for this page. */ }
    show(choice);
  }

  root.dataset.themeReady = "";
  show(stored());
  document.addEventListener("DOMContentLoaded", () => show(stored()));
  addEventListener("storage", (event) => { if (event.key === "theme") show(event.newValue); });
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("[data-theme-choice]")) choose(event.target.value);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-switch]")) return;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    choose(dark ? "light" : "dark");
  });
})();
