// Part of the service worker: the browser wakes it when the network is back, also with no page open.
self.addEventListener("sync", (event) => {
  if (event.tag !== "tulay-send") return;
  event.waitUntil(self.Device.send().then((left) => { if (left === "later") throw new Error("not yet"); }));
});
