// A signature drawn with finger, pen or mouse: <form data-signature> with one file input, which the drawing fills.
(() => {
  for (const form of document.querySelectorAll("form[data-signature]")) begin(form);

  function begin(form) {
    const words = JSON.parse(form.dataset.words);
    const input = form.querySelector("input[type=file]");
    const canvas = Object.assign(document.createElement("canvas"), { className: "signature", tabIndex: 0 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", words.area);
    const hint = Object.assign(document.createElement("p"), { className: "small muted", textContent: words.area });
    const again = Object.assign(document.createElement("button"), { type: "button", className: "button button--quiet", textContent: words.again });
    const field = input.closest(".field");
    const picture = Object.assign(document.createElement("button"), { type: "button", className: "button button--quiet", textContent: words.picture });
    const tools = Object.assign(document.createElement("div"), { className: "row" });
    tools.append(again, picture);
    field.before(hint, canvas, tools);
    field.hidden = true; // for whoever cannot draw it comes back
    input.required = false;
    picture.addEventListener("click", () => { field.hidden = false; canvas.hidden = hint.hidden = tools.hidden = true; input.required = true; input.focus(); });
    form.addEventListener("submit", (event) => {
      if (input.files.length) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      hint.setAttribute("role", "alert");
      hint.textContent = words.empty;
    }, true);
    const pen = canvas.getContext("2d");
    let drawn = false, last = null;

    function fit() {
      const box = canvas.getBoundingClientRect();
      if (drawn || !box.width) return;
      const scale = Math.min(window.devicePixelRatio || 1, 2);
      canvas.width = Math.round(box.width * scale);
      canvas.height = Math.round(box.height * scale);
      pen.scale(scale, scale);
      clear();
    }
    function clear() {
      drawn = false;
      pen.save();
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.restore();
      Object.assign(pen, { lineWidth: 2.5, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
      input.value = "";
    }
    const at = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
    canvas.addEventListener("pointerdown", (event) => { last = at(event); canvas.setPointerCapture(event.pointerId); event.preventDefault(); });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      const next = at(event);
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(...next);
      pen.stroke();
      [last, drawn] = [next, true];
    });
    for (const type of ["pointerup", "pointercancel"]) canvas.addEventListener(type, () => { if (last && drawn) fill(); last = null; });
    again.addEventListener("click", clear);
    form.addEventListener("reset", () => setTimeout(clear));
    addEventListener("resize", fit);
    fit();

    function fill() {
      canvas.toBlob((picture) => {
        const files = new DataTransfer();
        files.items.add(new File([picture], "signature.png", { type: "image/png" }));
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }, "image/png");
    }
  }
})();
