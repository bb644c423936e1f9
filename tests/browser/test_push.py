"""Notifications on a device, from the button on the account's page to what the service worker shows and where it leads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.running import Desk
from tests.conftest import PATIENCE_S
from tests.fakes.push_service import BrowserKeys, PushService, serving
from webapp.push.endpoints import key_text

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]

# Headless Chromium knows no push service, so the subscription is one at ours; all else is the browser's own.
SUBSCRIBE = """
({ endpoint, p256dh, auth }) => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
  window.unsubscribed = 0;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => ({
    endpoint, options: { applicationServerKey: bytes(applicationServerKey) },
    getKey: (name) => bytes(name === "auth" ? auth : p256dh),
    unsubscribe: async () => { window.unsubscribed += 1; return true; },
  });
}
"""
SHOWN = """
async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }))
"""
CLICK = """
async () => {
  const led = [];
  self.Clients.prototype.openWindow = async (url) => { led.push(`open ${new URL(url).pathname}`); };
  self.WindowClient.prototype.focus = async function () { led.push(`focus ${new URL(this.url).pathname}`); };
  for (const notification of await self.registration.getNotifications()) {
    const event = new NotificationEvent("notificationclick", { notification });
    const waits = [];
    event.waitUntil = (promise) => waits.push(promise);
    self.dispatchEvent(event);
    await Promise.all(waits);
  }
  return led;
}
"""

# What a browser does when its push service gives it another address.
RENEW = """
async ({ endpoint, old, p256dh, auth }) => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
  PushManager.prototype.subscribe = async () => ({ endpoint, getKey: (name) => bytes(name === "auth" ? auth : p256dh) });
  const event = new ExtendableEvent("pushsubscriptionchange");
  const waits = [];
  event.waitUntil = (promise) => waits.push(promise);
  event.oldSubscription = { endpoint: old };
  self.dispatchEvent(event);
  await Promise.all(waits);
}
"""


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    return whole_browser


def deliver(page: Page, data: str) -> None:
    """As if the browser had got it from its push service and opened it."""
    devtools = page.context.new_cdp_session(page)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(each["registrationId"] for each in told["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    origin = page.evaluate("location.origin")
    until(page, lambda: bool(found))
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[-1], "data": data},
    )
    devtools.detach()


def until(page: Page, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def allowed(page: Page, service: PushService, keys: BrowserKeys) -> None:
    page.context.grant_permissions(["notifications"])
    page.goto("/account")
    endpoint = service.endpoint("browser")
    page.evaluate(
        SUBSCRIBE, {"endpoint": endpoint, "p256dh": keys.public, "auth": key_text(keys.auth)}
    )
    page.get_by_role("button", name="Allow on this device").click()
    page.locator("#push .badge", has_text="This device").wait_for()


def test_allowed_tested_shown_clicked_renewed_and_removed(
    window: Callable[..., Page], desk: Desk
) -> None:
    keys = BrowserKeys()
    with serving() as service:
        page = window("agent")
        allowed(page, service, keys)
        page.get_by_role("button", name="Test").click()
        until(page, lambda: bool(service.got))
        [(_path, _headers, body)] = service.got
        told = keys.open(body)
        deliver(page, json.dumps(told))
        until(page, lambda: bool(page.evaluate(SHOWN)))
        assert page.evaluate(SHOWN) == [told]
        deliver(page, "not for people")
        until(page, lambda: len(page.evaluate(SHOWN)) == 2)
        [worker] = page.context.service_workers
        assert sorted(worker.evaluate(CLICK)) == ["focus /account", "open /"]
        renewed = {"endpoint": service.endpoint("renewed"), "old": service.endpoint("browser")}
        worker.evaluate(RENEW, renewed | {"p256dh": keys.public, "auth": key_text(keys.auth)})
        page.get_by_role("button", name="Test").click()
        until(page, lambda: len(service.got) == 2)
        assert service.got[1][0] == "renewed"
        page.get_by_role("button", name="Remove").click()
        page.get_by_role("button", name="Allow on this device").wait_for()


def test_who_blocks_notifications_is_told_what_to_do(window: Callable[..., Page]) -> None:
    page = window("agent")
    page.add_init_script(
        "Object.defineProperty(Notification, 'permission', { get: () => 'denied' })"
    )
    page.goto("/account")
    page.get_by_text("This browser blocks notifications of the desk.").wait_for()
    assert not page.get_by_role("button", name="Allow on this device").is_visible()
