"""Devices come and go, and what is told on them is queued. Needs an open transaction."""

from __future__ import annotations

import hashlib

from flask_babel import gettext
from sqlalchemy import ColumnElement, select

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor
from webapp.outbox import queue
from webapp.outbox.models import Delivery
from webapp.push import keys, queries
from webapp.push.channel import NAME, target_of
from webapp.push.events import PushDeviceAdded, PushDeviceRemoved
from webapp.push.forms import SubscriptionForm
from webapp.push.models import PushDevice

MOST_DEVICES = 10  # of one person; the oldest makes room
LONGEST_TITLE = 120
LONGEST_BODY = 300


def add_device(user: User, form: SubscriptionForm, *, browser: str, label: str) -> PushDevice:
    """This browser takes what `user` is told; whose it was before no longer matters, one endpoint has one person.

    Raises Conflict when it subscribed for a key that is not ours (any more).
    """
    if form.key != keys.pair().public:
        raise Conflict(gettext("The desk has a new key. Reload the page and allow it again."))
    ours = (form.endpoint, form.replaces) if form.replaces else (form.endpoint,)
    known = _where(PushDevice.endpoint.in_(ours))
    mine = next((each for each in known if each.user_id == user.id), None)
    _remove([each for each in known if each is not mine], actor=user.actor)
    new = mine is None
    if mine is None:
        _remove(list(queries.devices_of(user.id))[MOST_DEVICES - 1 :], actor=SYSTEM)
        mine = PushDevice(user_id=user.id, created_at=clock.now())
    mine.endpoint, mine.p256dh, mine.auth = form.endpoint, form.p256dh, form.auth
    mine.key, mine.browser, mine.label = form.key, browser, label
    db.session().add(mine)
    db.session().flush()
    if new:
        record(PushDeviceAdded(subject_id=user.id, label=label), actor=user.actor)
    return mine


def remove_device(device: PushDevice, *, actor: Actor) -> None:
    _remove([device], actor=actor)


def forget_devices(user_id: int, *, browser: str | None, keep: str = "", actor: Actor) -> None:
    """Those of one browser, or all (None) but `keep`'s."""
    ours = [PushDevice.user_id == user_id]
    if browser is not None:
        ours.append(PushDevice.browser == browser)
    _remove([each for each in _where(*ours) if not keep or each.browser != keep], actor=actor)


def forget_others(browser: str, *, than: int) -> None:
    """Somebody else signed in on that browser: it is no longer told what others are."""
    _remove(
        _where(PushDevice.browser == browser, PushDevice.user_id != than),
        actor=SYSTEM,
    )


def queue_push(
    user_id: int, *, title: str, body: str, url: str, tag: str, event_id: int | None = None
) -> int:
    """Tell a person on each of their devices; on how many. After the commit it leaves.

    `url`: a path of this desk. `tag` names the thing: of several waiting about one only the newest is shown.
    Title and body are seen on locked screens, so no note and nothing personal beyond what the title must say.
    """
    devices = queries.devices_to_tell(user_id)
    for device in devices:
        _queue(device, title=title, body=body, url=url, tag=tag, event_id=event_id)
    return len(devices)


def queue_test(device: PushDevice) -> Delivery:
    """To that device alone."""
    return _queue(
        device,
        title=gettext("Notifications work"),
        body=gettext("This device shows what the desk has to tell you."),
        url="/account#push",
        tag="test",
        event_id=None,
    )


def _queue(
    device: PushDevice, *, title: str, body: str, url: str, tag: str, event_id: int | None
) -> Delivery:
    if not url.startswith("/") or url.startswith("//"):
        raise ValueError("A notification leads to a path of this desk.")
    return queue.put(
        channel=NAME,
        target=target_of(device.endpoint),
        lane=f"device:{device.id}:{_short(tag)}",
        kind="notification",
        subject=("user", device.user_id),
        payload={
            "device": device.id,
            "title": _cut(title, LONGEST_TITLE),
            "body": _cut(body, LONGEST_BODY),
            "url": url,
            "tag": tag,
        },
        summary=gettext("Notification on a device (%(label)s)", label=device.label),
        event_id=event_id,
        coalesce=True,
    )


def _short(tag: str) -> str:
    return hashlib.sha256(tag.encode()).hexdigest()[:32]


def _cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def _where(*conditions: ColumnElement[bool]) -> list[PushDevice]:
    return list(db.session().scalars(select(PushDevice).where(*conditions).order_by(PushDevice.id)))


def _remove(devices: list[PushDevice], *, actor: Actor) -> None:
    for device in devices:
        db.session().delete(device)
        record(PushDeviceRemoved(subject_id=device.user_id, label=device.label), actor=actor)
    db.session().flush()
