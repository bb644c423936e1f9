// "On this device": every change with how far it has come; what to do with those that were refused or that two people made.
(() => {
  const Device = window.Device, list = document.querySelector("[data-device-all]");
  if (!Device?.person || !list) return;
  const words = Device.words;
  let changes = [];

  const button = (text, act, kind = "") => Object.assign(document.createElement("button"), { type: "button", className: `button button--small ${kind}`, textContent: text, onclick: act });
  // The desk's own question stands before what cannot be taken back.
  function asked(text, question, act) {
    const form = document.createElement("form");
    form.dataset.confirm = question;
    form.dataset.confirmYes = text;
    const submit = Object.assign(document.createElement("button"), { type: "submit", className: "button button--small button--danger", textContent: text });
    form.append(submit);
    form.addEventListener("submit", (event) => { event.preventDefault(); act(); });
    return form;
  }

  const again = async (change, values = {}) => { await Device.change(change.n, { status: "waiting", reason: "", conflicts: null, ...values }); Device.send(); };
  const built = (change) => Order.after(changes, change);
  const discard = (change) => {
    const more = built(change).length;
    return asked(words.discard, more ? Device.many("lose-more", more) : words.lose, async () => { await Device.drop(change.n, ...built(change).map((each) => each.n)); Device.send(); });
  };

  // Both values, who and when. "Mine" is sent again, made from theirs this time; "theirs" lets mine go, and what built on it.
  function choice(change) {
    const [sides] = Object.values(change.conflicts);
    const box = document.createElement("div");
    box.className = "device-choice";
    const when = sides.at ? Device.clock(new Date(sides.at)) : "";
    const theirs = Device.say(sides.who ? "theirs-by" : "theirs", { value: sides.theirs_in_words, who: sides.who, when });
    for (const text of [theirs, Device.say("yours", { value: sides.yours_in_words })]) box.append(Object.assign(document.createElement("p"), { textContent: text, dir: "auto" }));
    const fields = [...change.fields.filter(([name]) => name !== "seen"), ["seen", sides.theirs]];
    const deeds = Object.assign(document.createElement("div"), { className: "row" });
    deeds.append(button(words["keep-mine"], () => again(change, { fields }), "button--primary"));
    const more = built(change), take = async () => { await Device.drop(change.n, ...more.map((each) => each.n)); Device.send(); };
    deeds.append(more.length ? asked(words["take-theirs"], Device.many("lose-more", more.length), take) : button(words["take-theirs"], take));
    box.append(deeds);
    return box;
  }

  function card(change) {
    const made = Device.card(change, changes), place = made.querySelector(".device-change__words");
    if (change.status === "conflict") { place.append(choice(change)); return made; }
    if (change.status === "sent") return made;
    const deeds = Object.assign(document.createElement("div"), { className: "row" });
    if (change.status === "refused") deeds.append(button(words.retry, () => again(change), "button--primary"));
    if (change.status !== "sending") deeds.append(discard(change));
    place.append(deeds);
    return made;
  }

  async function show() {
    changes = await Device.of(Device.person);
    const drawn = changes.map((each) => [each.id, Device.status(each, changes)].join()).join("|") + Device.state;
    if (list.dataset.drawn === drawn) return;
    list.dataset.drawn = drawn;
    const focused = list.contains(document.activeElement);
    list.replaceChildren(...[...changes].reverse().map(card));
    if (focused) document.getElementById("main").focus({ preventScroll: true });
    const left = changes.some((each) => each.status !== "sent");
    document.querySelector("[data-device-none]").hidden = changes.length > 0;
    document.querySelector("[data-device-send]").hidden = !left;
    document.querySelector("[data-device-out]").hidden = !(left && ["out", "other"].includes(Device.state));
    const room = await navigator.storage?.estimate?.().catch(() => null);
    if (room?.quota) document.querySelector("[data-device-room]").textContent = Device.say("room", { used: (room.usage / 1048576).toFixed(1), all: Math.round(room.quota / 1048576) });
  }

  document.addEventListener("device:changed", show);
  document.querySelector("[data-device-send]").addEventListener("click", () => Device.send());
  show();
})();
