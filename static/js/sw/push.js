// Part of the service worker: shows what the desk has to tell, leads to it, and subscribes anew when the browser changed
// its subscription. A browser that is told something must show something, whatever came.
(() => {
  function read(data) {
    try { return data?.json() ?? {}; } catch { return {}; }
  }

  self.addEventListener("push", (event) => {
    const { title, body = "", url = "/", tag } = read(event.data);
    event.waitUntil(self.registration.showNotification(title || self.DESK.untitled, {
      body, tag, renotify: Boolean(tag), icon: self.DESK.icon, data: { url },
    }));
  });

  async function lead(path) {
    const wanted = new URL(path, self.location.origin);
    if (wanted.origin !== self.location.origin) return;
    const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    // Another page is left as it is: somebody may be writing there.
    const open = windows.find((each) => { const at = new URL(each.url); return at.pathname === wanted.pathname && at.search === wanted.search; });
    await (open ? open.focus() : self.clients.openWindow(wanted.href));
  }

  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(lead(event.notification.data?.url ?? "/"));
  });

  function text(buffer) {
    return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  async function renew(old) {
    const answer = await fetch("/account/push/key", { headers: { Accept: "application/json" } });
    if (!answer.ok) return; // Signed out: nobody is told anything here.
    const { key, csrf } = await answer.json();
    const found = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const body = new URLSearchParams({
      endpoint: found.endpoint, p256dh: text(found.getKey("p256dh")), auth: text(found.getKey("auth")), key,
      replaces: old?.endpoint ?? "",
    });
    await fetch("/account/push", { method: "POST", body, headers: { "X-CSRFToken": csrf, "HX-Request": "true" } });
  }

  self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.oldSubscription)));
})();
