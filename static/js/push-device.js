// "This device" on the account's page: allow, and what the browser itself says of it. #push comes as a part of the page.
(() => {
  const supported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  function text(buffer) {
    return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  async function subscribe(key) {
    const registration = await navigator.serviceWorker.register("/service-worker.js");
    await navigator.serviceWorker.ready;
    const old = await registration.pushManager.getSubscription();
    // One made for another key is of no use.
    if (old && text(old.options.applicationServerKey) !== key) await old.unsubscribe();
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }

  function say(state) {
    const part = document.getElementById("push");
    for (const each of part?.querySelectorAll("[data-push-says]") ?? []) each.hidden = each.dataset.pushSays !== state;
    const form = part?.querySelector("[data-push-allow]");
    if (form) form.hidden = !["", "failed"].includes(state);
  }

  function look() {
    const state = !supported ? "unsupported" : Notification.permission === "denied" ? "denied" : "";
    if (document.getElementById("push")) say(state);
  }

  async function allow(form) {
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      if (await Notification.requestPermission() !== "granted") return look();
      const found = await subscribe(form.elements.key.value);
      form.elements.endpoint.value = found.endpoint;
      form.elements.p256dh.value = text(found.getKey("p256dh"));
      form.elements.auth.value = text(found.getKey("auth"));
      button.disabled = false;
      form.requestSubmit();
    } catch {
      say("failed"); // No push service within reach, or one that refuses.
    } finally {
      button.disabled = false;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.pushAllow !== undefined && !form.elements.endpoint.value) {
      event.preventDefault();
      event.stopImmediatePropagation();
      allow(form);
    }
    if (form.dataset.pushHere !== undefined) {
      navigator.serviceWorker?.getRegistration("/").then((each) => each?.pushManager.getSubscription()).then((each) => each?.unsubscribe());
    }
  }, true);
  document.addEventListener("htmx:after:swap", look);
  look();
})();
