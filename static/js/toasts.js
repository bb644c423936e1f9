// Toasts: pushed ones (live:toast) and those that come with an answer. They go after 5 s, or what data-stay says (0: never),
// stay while pointed at or focused; failures stay until closed; at most three stand, one on a phone. Who gets which, and with a sound, the
// server decides: a sound is made here.
(() => {
  const box = document.getElementById("toasts");
  if (!box) return;
  const STAY = Number(box.dataset.stay ?? 5000), MOST = innerWidth < 700 ? 1 : 3, LEAVING = 200;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let hidden = 0;

  document.addEventListener("live:toast", ({ detail }) => {
    const { kind, text, url, sound } = JSON.parse(detail.data);
    const template = document.getElementById(`toast-${kind}`);
    if (!template) return;
    // The same news on two ways, one without a place to go to (a follow link's and one's own notice), stands once.
    const twin = standing().find((one) => one.querySelector("[data-toast-text]")?.textContent === text);
    const led = twin?.querySelector("[data-toast-link]");
    if (twin && !url) return;
    if (twin && !led) twin.remove();
    const toast = template.content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-toast-text]").textContent = text;
    const link = toast.querySelector("[data-toast-link]");
    if (url) link.href = url; else link.remove();
    box.append(toast);
    if (sound) beep(kind);
  });

  function adopt(toast) {
    let left = STAY, timer = 0, since = 0;
    const stays = !STAY || toast.dataset.toast === "error";
    const run = () => {
      clearTimeout(timer);
      if (stays || document.hidden || toast.matches(":hover, :focus-within")) return;
      since = Date.now();
      timer = setTimeout(() => close(toast), left);
    };
    const pause = () => { if (since) left = Math.max(1500, left - (Date.now() - since)); since = 0; clearTimeout(timer); };
    for (const type of ["pointerenter", "focusin"]) toast.addEventListener(type, pause);
    for (const type of ["pointerleave", "focusout"]) toast.addEventListener(type, () => setTimeout(run));
    toast.addEventListener("page:shown", run);
    toast.addEventListener("page:hidden", pause);
    toast.addEventListener("click", (event) => { if (event.target.closest("[data-toast-close]")) close(toast); });
    toast.addEventListener("keydown", (event) => { if (event.key === "Escape") close(toast); });
    run();
  }

  function close(toast) {
    if (toast.classList.contains("is-leaving")) return;
    toast.classList.add("is-leaving");
    setTimeout(() => toast.remove(), calm.matches ? 0 : LEAVING);
  }

  const standing = () => [...box.querySelectorAll(".toast:not(.is-leaving)")];
  function keepFew() {
    const all = standing();
    const spare = all.filter((toast) => !toast.matches(":hover, :focus-within"));
    // Failures go last: they are what a person must see.
    spare.sort((a, b) => (a.dataset.toast === "error") - (b.dataset.toast === "error"));
    for (const toast of spare.slice(0, Math.max(0, all.length - MOST))) { toast.remove(); hidden += 1; }
    if (!standing().length) hidden = 0;
    let more = box.querySelector(".toasts__more");
    if (!hidden) return more?.remove();
    if (!more) { more = Object.assign(document.createElement("p"), { className: "toasts__more" }); box.prepend(more); }
    const text = (box.dataset.more || "+ {n}").replace("{n}", hidden);
    if (more.textContent !== text) more.textContent = text;
  }

  document.addEventListener("visibilitychange", () => {
    for (const toast of standing()) toast.dispatchEvent(new Event(document.hidden ? "page:hidden" : "page:shown"));
  });
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".toast")) adopt(node);
    keepFew();
  }).observe(box, { childList: true });
  box.querySelectorAll(".toast").forEach(adopt);

  let audio = null;
  function beep(kind) { // browsers allow sound only after the first click or key on the page, and complain before
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    try {
      audio ??= new AudioContext();
      const tone = new OscillatorNode(audio, { type: "sine", frequency: { new: 880, updated: 660, response: 740, error: 330 }[kind] ?? 600 });
      const volume = new GainNode(audio, { gain: 0.08 });
      volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.25);
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.25);
    } catch { /* No sound device: the toast is there all the same. */ }
  }
})();
