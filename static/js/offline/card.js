// One change as it is shown: what it is, where it belongs, a picture of a photo, and how far it has come, in words.
(() => {
  const Device = window.Device;
  if (!Device?.person) return;
  const make = (name, className, text = "") => { const made = Object.assign(document.createElement(name), { className, textContent: text }); if (text) made.dir = "auto"; return made; };
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  Device.clock = (at) => clock.format(at);

  // "2 of 3 photos sent": what a job that is done still waits for.
  function proofs(change, changes) {
    const all = Order.proofs(changes, change);
    const here = all.filter((each) => each.status === "sent").length;
    return here < all.length ? Device.say("photos", { here, all: all.length }) : "";
  }

  Device.status = (change, changes) => {
    if (change.status === "refused") return Device.say("refused", { reason: change.reason || Device.words["too-large"] });
    if (change.status !== "waiting") return Device.words[change.status];
    const holder = Order.holder(changes, change), counted = proofs(change, changes);
    if (counted) return `${Device.words.wait} · ${counted}`;
    return holder ? Device.say("held", { what: Device.title(holder) }) : Device.words.wait;
  };

  Device.title = (change) => {
    const name = Device.words[`${change.kind}-${change.value}`] ?? Device.words[change.kind] ?? "";
    return change.says ? `${name}: ${change.says}` : name;
  };

  Device.card = (change, changes) => {
    const card = make("li", "device-change");
    card.dataset.status = change.status;
    card.dataset.change = change.id;
    const words = make("div", "device-change__words");
    words.append(make("p", "device-change__what prewrap", Device.title(change)));
    const about = [change.of, Device.clock(change.at)].filter(Boolean).join(" · ");
    words.append(make("p", "small muted", about));
    const status = make("p", "device-change__status small", Device.status(change, changes));
    if (change.status === "sent" && change.told?.url) status.append(" ", Object.assign(make("a", "", change.told.ref), { href: change.told.url }));
    words.append(status);
    const picture = change.files?.find(({ file }) => /^image\/(jpeg|png|webp|gif)$/.test(file.type));
    if (picture) {
      const shown = Object.assign(make("img", "device-change__picture"), { alt: "", src: URL.createObjectURL(picture.file) });
      for (const type of ["load", "error"]) shown.addEventListener(type, () => URL.revokeObjectURL(shown.src));
      shown.addEventListener("error", () => shown.remove());
      card.append(shown);
    }
    card.append(words);
    return card;
  };
})();
