// Saved replies: Alt+R or the button opens the box; typing finds, arrows choose, Enter puts the text where the cursor was.
(() => {
  const box = () => document.querySelector("[data-replies][popover]");
  const field = () => document.getElementById(box()?.dataset.replies);
  const choices = () => [...(box()?.querySelectorAll("[data-reply]") ?? [])];

  async function put(button) {
    const text = field();
    const answer = await fetch(button.dataset.reply).catch(() => null);
    if (!text || !answer?.ok) return;
    const { text: words, told } = await answer.json();
    box().hidePopover();
    text.focus();
    text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    const note = document.getElementById("replies-told");
    if (note) note.textContent = told;
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyR" && field()) {
      event.preventDefault();
      box().togglePopover();
      return;
    }
    if (!event.target.closest?.("[data-replies]")) return;
    const all = choices();
    const at = all.indexOf(document.activeElement);
    if (event.key === "Enter" && event.target.matches("input") && all.length) { event.preventDefault(); put(all[0]); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const next = all[at + (event.key === "ArrowDown" ? 1 : -1)];
    (next ?? (event.key === "ArrowUp" ? box().querySelector("input") : all.at(-1)))?.focus();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-reply]");
    if (button) put(button);
  });
  // It is emptied before it opens, and has the focus at once (autofocus): nothing that is typed straight away goes elsewhere.
  document.addEventListener("beforetoggle", (event) => {
    if (event.target === box() && event.newState === "open") box().querySelector("input").value = "";
  }, true);
  document.addEventListener("toggle", (event) => {
    if (event.target === box() && event.newState === "open") htmx.trigger(box().querySelector("input"), "replies:open");
  }, true);
})();
