// What a person sends with htmx and nobody answers: a toast that stays. What was typed is still in its form.
(() => {
  const box = document.getElementById("toasts");
  if (!box?.dataset.unanswered) return;

  function tell({ detail }) {
    const ctx = detail?.ctx;
    if (!ctx || (ctx.request?.method ?? "GET").toUpperCase() === "GET") return; // Live regions try again by themselves.
    const data = JSON.stringify({ kind: "error", text: box.dataset.unanswered });
    document.dispatchEvent(new CustomEvent("live:toast", { detail: { data } }));
  }

  document.addEventListener("htmx:error", tell);
  // 502 to 504 come from a proxy in front of the desk: they bring no toast of ours.
  document.addEventListener("htmx:finally:request", (event) => {
    const status = event.detail?.ctx?.response?.status;
    if (status >= 502 && status <= 504 && !box.querySelector("[data-toast=error]:not(.is-leaving)")) tell(event);
  });
})();
