"""The pair of keys by which push services know this desk: given by VAPID_PRIVATE_KEY, else made once and sealed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from webapp.core import clock, db, secrets, settings
from webapp.core.errors import Misconfigured
from webapp.core.inserting import insert_new
from webapp.mail.compose import sender_address
from webapp.push.endpoints import key_bytes, key_text
from webapp.push.models import PushKey

VALID_S = 12 * 3600  # of a signature; services refuse more than a day
_ROW = 1
_CONTEXT = "vapid"


@dataclass(frozen=True)
class Pair:
    """Both as base64url: the public point, uncompressed, and the private number."""

    public: str
    private: str = field(repr=False)


def pair() -> Pair:
    """The desk's keys. Made on first use, so it needs an open transaction."""
    given = settings.current().vapid_private_key.get_secret_value()
    if given:
        return _pair_of(_given(given.rstrip("=")))
    row = db.session().get(PushKey, _ROW)
    if row is None:
        made = _pair_of(ec.generate_private_key(ec.SECP256R1()))
        sealed = secrets.seal(made.private, context=_CONTEXT)
        values = {"id": _ROW, "public": made.public, "sealed": sealed, "created_at": clock.now()}
        insert_new(PushKey, [values])  # where two meet here, the first one's counts
        row = db.session().get_one(PushKey, _ROW)
    return Pair(row.public, secrets.unseal(row.sealed, context=_CONTEXT))


def authorization(keys: Pair, *, audience: str) -> str:
    """The header that proves who we are to one push service (RFC 8292)."""
    from py_vapid import Vapid02

    claims = {"aud": audience, "exp": int(time.time()) + VALID_S, "sub": _contact()}
    return str(Vapid02.from_raw(keys.private.encode()).sign(claims)["Authorization"])


def reseal() -> bool:
    """The stored key under the first key of the ring; whether it could be read."""
    row = db.session().get(PushKey, _ROW)
    if row is not None:
        try:
            row.sealed = secrets.reseal(row.sealed)
        except Misconfigured:
            return False
    return True


def _given(text: str) -> ec.EllipticCurvePrivateKey:
    try:
        number = int.from_bytes(key_bytes(text, length=32), "big")
        return ec.derive_private_key(number, ec.SECP256R1())
    except ValueError:
        raise Misconfigured("VAPID_PRIVATE_KEY is no private key of P-256.") from None


def _contact() -> str:
    """Where a push service can complain. Some want no address on localhost."""
    current = settings.current()
    return f"mailto:{sender_address(current.mail_default_sender)}"


def _pair_of(private: ec.EllipticCurvePrivateKey) -> Pair:
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    number = private.private_numbers().private_value.to_bytes(32, "big")
    return Pair(key_text(point), key_text(number))
