// A page that is a copy says so, and of when it is. Once there is a network again its live parts ask anew, and so do the copies.
(() => {
  const Device = window.Device, banner = document.getElementById("kept-page");
  const at = Number(document.documentElement.dataset.keptAt);
  if (!Device?.person || !banner || !at) return;
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", ...(Date.now() - at > 72000000 ? { weekday: "short" } : {}) }).format(at);
  banner.querySelector("[data-kept-words]").textContent = Device.say(navigator.onLine ? "as-of-silent" : "as-of", { time });
  banner.hidden = false;
  let trying = false;

  async function back() {
    if (trying || banner.hidden || !navigator.onLine) return;
    trying = true;
    const told = await fetch("/my-day/session", { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(8000) })
      .then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    trying = false;
    if (told?.person !== Device.person) return;
    await Device.send();
    await Device.refresh?.();
    if (Device.asOf() > at || !document.querySelector("main [data-live-region]")) banner.hidden = true;
    Device.ahead?.();
  }
  addEventListener("online", back);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) back(); });
  const timer = setInterval(() => (banner.hidden ? clearInterval(timer) : back()), 5000);
})();
