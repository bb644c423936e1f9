// Naming a colleague in an internal note: @ and some letters offer names below the text; arrows and Enter or Tab choose, Esc
// closes. <textarea data-mentions="/address" aria-controls="…">; in a public answer nobody is offered.
(() => {
  const BEFORE = /(?:^|\s)@([\p{L}\p{M}\p{N}.'’ -]{0,40})$/u;
  let names = null, chosen = 0;
  const list = (field) => document.getElementById(field.getAttribute("aria-controls"));
  const noting = (field) => field.form?.elements.mode?.value === "note";

  function close(field) {
    list(field).hidden = true;
    field.removeAttribute("aria-activedescendant");
  }

  function mark(field, index) {
    const all = [...list(field).children];
    chosen = (index + all.length) % all.length;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    field.setAttribute("aria-activedescendant", all[chosen].id);
  }

  async function offer(field) {
    const begun = BEFORE.exec(field.value.slice(0, field.selectionStart))?.[1];
    if (begun === undefined || !noting(field)) return close(field);
    names ??= fetch(field.dataset.mentions).then((answer) => (answer.ok ? answer.json() : [])).catch(() => []);
    const wanted = begun.toLowerCase();
    const found = (await names).filter((name) => name.toLowerCase().split(" ").some((_, at, words) => words.slice(at).join(" ").startsWith(wanted))).slice(0, 6);
    if (!found.length || found.some((name) => name.toLowerCase() === wanted)) return close(field);
    list(field).replaceChildren(...found.map((name, at) => {
      const option = Object.assign(document.createElement("li"), { id: `mention-${at}`, textContent: name, dir: "auto" });
      option.setAttribute("role", "option");
      return option;
    }));
    list(field).hidden = false;
    mark(field, 0);
  }

  function put(field) {
    const name = list(field).children[chosen].textContent, to = field.selectionStart;
    const from = field.value.slice(0, to).lastIndexOf("@");
    field.setRangeText(`@${name} `, from, to, "end");
    close(field);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("input", (event) => { if (event.target.matches?.("[data-mentions]")) offer(event.target); });
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-mentions]") || list(field).hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(field, chosen + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter" || event.key === "Tab") put(field);
    else if (event.key === "Escape") close(field);
    else return;
    event.preventDefault();
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.("[data-mention-list] > li");
    if (!option) return;
    event.preventDefault();
    const field = document.querySelector(`[aria-controls="${option.parentElement.id}"]`);
    chosen = [...option.parentElement.children].indexOf(option);
    put(field);
  });
  document.addEventListener("focusout", (event) => { if (event.target.matches?.("[data-mentions]")) close(event.target); });
})();
