// <button data-copy="…" data-copy-key="sentence">: it is also pressed by a key (keys.js), from anywhere on the page, so that what it
// did is said where everybody looks.
document.addEventListener("click", (event) => {
  const text = event.target.closest?.("[data-copy-key]")?.dataset.copyKey;
  const data = JSON.stringify({ kind: "info", text });
  if (text) document.dispatchEvent(new CustomEvent("live:toast", { detail: { data } }));
});
