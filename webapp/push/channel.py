"""The outbox channel of web push: sealed for one browser (RFC 8291), signed by the desk (RFC 8292), sent by RFC 8030.

A push service shows a repeated message once, by its topic; what is too old to be news is not sent.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from flask_babel import gettext

from webapp.core import clock, db, settings
from webapp.core.errors import RemoteError
from webapp.core.http import Limits, Request, fetch
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.outbox.channels import Answer, Gone, Hold, Outcome, Prepared, Settled
from webapp.outbox.models import Delivery
from webapp.push import endpoints, keys
from webapp.push.events import PushDeviceRemoved
from webapp.push.models import PushDevice

NAME = "webpush"
NEWS_FOR = timedelta(
    hours=12
)  # later nobody is helped by it: the bell on the page has it all the same
LOOK_AGAIN = timedelta(minutes=10)
_LIMITS = Limits(connect=5, read=10, total=20, max_bytes=64 * 1024)
_SHOWN = ("title", "body", "url", "tag")


@dataclass(frozen=True)
class Parcel:
    """A notification ready to be sealed and sent."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    keys: keys.Pair
    text: str = field(repr=False)
    topic: str
    ttl: int


def target_of(endpoint: str) -> str:
    """One target a push service: where one is down, the others go on."""
    host = endpoints.host_of(endpoint)
    fits = len(host) <= 50
    return f"{NAME}:{host if fits else hashlib.sha256(host.encode()).hexdigest()[:40]}"


class WebPushChannel:
    name = NAME

    def prepare(self, delivery: Delivery, *, unsure: bool) -> Prepared | Settled:
        device = db.session().get(PushDevice, delivery.payload["device"])
        if device is None or device.user_id != delivery.subject_id:
            return Settled(gettext("The device no longer takes notifications."), "cancelled")
        left = delivery.created_at + NEWS_FOR - clock.now()
        if left <= timedelta(0):
            return Settled(gettext("It is too old to be news."), "cancelled")
        ours = keys.pair()
        if device.key != ours.public:
            words = gettext("The device subscribed for another key; it must allow it again.")
            return Settled(words, "cancelled")
        shown = {name: delivery.payload[name] for name in _SHOWN}
        parcel = Parcel(
            endpoint=device.endpoint,
            p256dh=device.p256dh,
            auth=device.auth,
            keys=ours,
            text=json.dumps(shown, ensure_ascii=False),
            topic=_topic(shown["tag"]),
            ttl=int(left.total_seconds()),
        )
        return Prepared(parcel, {"host": endpoints.host_of(device.endpoint), "ttl": parcel.ttl})

    def send(self, prepared: Prepared) -> Answer | Gone:
        parcel: Parcel = prepared.call
        nets = settings.current().sync_allowed_nets
        own = endpoints.is_own(parcel.endpoint, allowed_nets=[str(net) for net in nets])
        try:
            answer = fetch(_request(parcel), limits=_LIMITS, allowed_nets=nets, allow_http=own)
        except RemoteError as error:
            if error.http_status in (404, 410):
                words = gettext("The device has let go of its notifications.")
                return Gone(words, status=error.http_status)
            if error.http_status in (401, 403):
                raise _not_taken(parcel.endpoint) from None
            raise
        return Answer(status=answer.status)

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        device = db.session().get(PushDevice, delivery.payload["device"])
        if device is None:
            return
        if isinstance(outcome, Gone):
            db.session().delete(device)
            record(PushDeviceRemoved(subject_id=device.user_id, label=device.label), actor=SYSTEM)
        elif isinstance(outcome, Answer):
            device.last_used_at = clock.now()


def _request(parcel: Parcel) -> Request:
    import http_ece

    sealed = http_ece.encrypt(
        parcel.text.encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=endpoints.key_bytes(parcel.p256dh, length=65),
        auth_secret=endpoints.key_bytes(parcel.auth, length=16),
        version="aes128gcm",
    )
    audience = endpoints.origin_of(parcel.endpoint)
    return Request(
        "POST",
        parcel.endpoint,
        headers={
            "Authorization": keys.authorization(parcel.keys, audience=audience),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(parcel.ttl),
            "Topic": parcel.topic,
            "Urgency": "normal",
        },
        body=sealed,
    )


def _not_taken(endpoint: str) -> Hold:
    """It is us, not the device: everything for that service waits, and what waits too long is no news any more."""
    words = gettext(
        "%(host)s does not accept the desk's signature. Check this machine's clock, and that mail to "
        "MAIL_DEFAULT_SENDER arrives: push services want an address that exists.",
        host=endpoints.host_of(endpoint),
    )
    return Hold(words, until=clock.now() + LOOK_AGAIN)


def _topic(tag: str) -> str:
    """At most 32 characters of base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(tag.encode()).digest())[:32].decode()
