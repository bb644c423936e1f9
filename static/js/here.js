// Says that this person looks at the ticket, or writes, while the page is seen, and shows who else does.
(() => {
  const box = document.querySelector("[data-here]");
  if (!box) return;
  const LOOKS = 20000, WRITES = 8000, PAUSE = 12000; // ms without a key: no longer writing
  let typedAt = 0, saidAt = 0, saidWriting = false, asking = false, again = false;
  const writing = () => typedAt > 0 && Date.now() - typedAt < PAUSE;
  const headers = () => ({ "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers:inherited")) });

  async function say(doing) {
    saidAt = Date.now();
    saidWriting = doing === "writing";
    const answer = await fetch(box.dataset.here, { method: "POST", headers: headers(), body: new URLSearchParams({ doing }), keepalive: doing === "gone", redirect: "error" });
    const text = answer.ok && doing !== "gone" ? (await answer.text()).trim() : "";
    if (box.innerHTML.trim() !== text) box.innerHTML = text; // the same words are not read out again
  }

  async function tell() {
    if (document.hidden || window.Live?.out) return;
    if (asking) { again = true; return; }
    asking = true;
    try { await say(writing() ? "writing" : "looking"); } catch { /* Told again soon. */ }
    asking = false;
    if (again) { again = false; tell(); }
  }

  document.addEventListener("input", ({ target }) => {
    if (!target.closest("[data-draft]")) return;
    const began = !writing();
    typedAt = Date.now();
    if (began) tell();
  });
  document.addEventListener("submit", () => { typedAt = 0; });
  document.addEventListener("presence:changed", ({ detail }) => { if (JSON.parse(detail.data).id === Number(box.dataset.hereId)) tell(); });
  setInterval(() => {
    const now = writing();
    if (now !== saidWriting || Date.now() - saidAt > (now ? WRITES : LOOKS)) tell();
  }, 2000);
  document.addEventListener("visibilitychange", () => (document.hidden ? say("gone").catch(() => {}) : tell()));
  addEventListener("pagehide", () => { if (!document.hidden) say("gone").catch(() => {}); });
  tell();
})();
