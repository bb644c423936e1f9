// Shows the photos chosen in <input type="file" data-preview> before they are sent.
(() => {
  const drawn = new WeakMap();

  function show(input) {
    const old = drawn.get(input);
    old?.remove();
    old?.querySelectorAll("img").forEach((picture) => URL.revokeObjectURL(picture.src));
    const list = document.createElement("ul");
    list.className = "photo-preview";
    list.setAttribute("role", "list");
    for (const file of input.files) list.append(entry(file));
    if (input.files.length) input.after(list);
    drawn.set(input, list);
  }

  function entry(file) {
    const item = document.createElement("li");
    if (/^image\/(jpeg|png|webp|gif)$/.test(file.type)) {
      const picture = document.createElement("img");
      picture.alt = "";
      picture.src = URL.createObjectURL(file);
      picture.addEventListener("error", () => picture.remove());
      item.append(picture);
    }
    const name = document.createElement("span");
    name.dir = "auto";
    name.textContent = `${file.name} · ${size(file.size)}`;
    item.append(name);
    return item;
  }

  function size(bytes) {
    return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[type=file][data-preview]")) show(event.target);
  });
  document.addEventListener("reset", (event) => {
    for (const input of event.target.querySelectorAll("input[type=file][data-preview]")) {
      drawn.get(input)?.remove();
    }
  });
})();
