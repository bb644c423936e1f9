// <input data-complete="/address" list="…">: a list of things with commas between, the last of which is completed from
// what the server knows. The browser's own list shows them, so that arrows, Enter and Esc do what they always do.
(() => {
  const waiting = new WeakMap();

  async function offer(input) {
    const list = input.list;
    const cut = input.value.lastIndexOf(",") + 1;
    const before = input.value.slice(0, cut) + (cut ? " " : "");
    const chosen = new Set(input.value.slice(0, cut).split(",").map((name) => name.trim().toLowerCase()));
    const answer = await fetch(`${input.dataset.complete}?q=${encodeURIComponent(input.value.slice(cut).trim())}`).catch(() => null);
    if (!answer?.ok || !list?.isConnected) return;
    const names = await answer.json();
    list.replaceChildren(...names.filter((name) => !chosen.has(name.toLowerCase())).map((name) => {
      const option = document.createElement("option");
      option.value = before + name;
      option.label = name;
      return option;
    }));
  }

  function later(event) {
    const input = event.target;
    if (!input.matches?.("input[data-complete]")) return;
    clearTimeout(waiting.get(input));
    waiting.set(input, setTimeout(offer, 150, input));
  }
  document.addEventListener("input", later);
  document.addEventListener("focusin", later);
})();
