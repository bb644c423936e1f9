"""Making a connection and changing its settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db, secrets
from webapp.core.errors import Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.outbox import queue
from webapp.sync import subjects, tokens
from webapp.sync.actions.running import due_now
from webapp.sync.connections import OURS
from webapp.sync.connectors import registry
from webapp.sync.events import ConnectionCreated, ConnectionEdited, TokenForgotten
from webapp.sync.models import INTERVALS, Connection
from webapp.sync.waking import wake


def create_connection(
    *,
    kind: str,
    name: str,
    base_url: str,
    secret: str,
    interval_minutes: int = 5,
    push_enabled: bool = True,
    allow_http: bool = False,
    shape: str = "",
    account: str = "",
    options: Mapping[str, Any] | None = None,
    timezone: str = "",
    plan: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
    begin: bool = True,
    actor: Actor,
) -> Connection:
    """A connection that begins its first pull at once, or (`begin` false) when it is resumed. Raises Invalid.

    `plan`, `account` and `expires_at` are what the test of it found; without a plan the declaration's
    certain choices are used. `timezone`: of times without a zone, where it is not the declaration's.
    """
    base_url, now = base_url.strip().rstrip("/"), clock.now()
    _check(name=name, base_url=base_url, interval=interval_minutes, allow_http=allow_http)
    _check_kind(kind)
    connection = Connection(
        name=name.strip(),
        kind=kind,
        shape=shape,
        base_url=base_url,
        options=_with_ours(options or {}, plan=plan, timezone=timezone or None),
        allow_http=allow_http,
        account=account,
        interval_minutes=interval_minutes,
        push_enabled=push_enabled,
        state="active" if begin else "paused",
        reason="" if begin else gettext("it was not started yet"),
        next_pull_at=now if begin else None,
        created_at=now,
    )
    db.session().add(connection)
    db.session().flush()
    if secret:
        tokens.store(connection, secret, actor=actor, expires_at=expires_at)
    _tell_created(connection, actor=actor)
    if begin:
        wake(connection.id, trigger="manual")
    return connection


def _tell_created(connection: Connection, *, actor: Actor) -> None:
    kind = connection.kind
    record(
        ConnectionCreated(subject_id=connection.id, name=connection.name, kind=kind), actor=actor
    )
    subjects.of(registry.get(kind).target).connected(actor=actor)


def edit_connection(
    connection: Connection,
    *,
    name: str | None = None,
    base_url: str | None = None,
    secret: str = "",
    interval_minutes: int | None = None,
    push_enabled: bool | None = None,
    allow_http: bool | None = None,
    options: Mapping[str, Any] | None = None,
    timezone: str | None = None,
    plan: Mapping[str, Any] | None = None,
    account: str | None = None,
    expires_at: datetime | None = None,
    actor: Actor,
) -> Connection:
    """Change settings; None leaves one as it is. Another host needs the token again (Invalid else)."""
    kept = dict(connection.options or {})
    beside = {name: kept[name] for name in OURS if name in kept}
    given = kept if options is None else {**beside, **options}
    wanted: dict[str, Any] = {
        "name": connection.name if name is None else name.strip(),
        "base_url": connection.base_url if base_url is None else base_url.strip().rstrip("/"),
        "interval_minutes": _or(interval_minutes, connection.interval_minutes),
        "push_enabled": _or(push_enabled, connection.push_enabled),
        "allow_http": _or(allow_http, connection.allow_http),
        "options": _with_ours(given, plan=plan, timezone=timezone),
    }
    _check(
        name=wanted["name"],
        base_url=wanted["base_url"],
        interval=wanted["interval_minutes"],
        allow_http=wanted["allow_http"],
        own_id=connection.id,
    )
    _check_same_host(connection, wanted["base_url"], secret)
    same_place = wanted["base_url"] == connection.base_url
    _change(connection, wanted, actor=actor)
    if secret:
        replace_secret(
            connection,
            secret=secret,
            account=account,
            expires_at=expires_at,
            keep_old=same_place,
            actor=actor,
        )
    return connection


def replace_secret(
    connection: Connection,
    *,
    secret: str,
    account: str | None = None,
    expires_at: datetime | None = None,
    keep_old: bool = True,
    actor: Actor,
) -> None:
    """A new token. A connection that rested because its token was refused goes on with it at once.

    The old one stays a day as fall-back, unless it was refused or belongs to another address (`keep_old`).
    """
    secret = secret.strip()
    if not secret:
        raise Invalid(
            gettext("Enter the token."), fields={"secret": gettext("Paste the token here.")}
        )
    old = tokens.current(connection.id)
    before = old.last4 if old else ""
    keep_old = keep_old and connection.state != "auth_error"
    tokens.store(connection, secret, actor=actor, expires_at=expires_at, keep_old=keep_old)
    if account is not None:
        connection.account = account
    changes = {"token": [f"…{before}" if before else "", f"…{secrets.last4(secret)}"]}
    fact = ConnectionEdited(subject_id=connection.id, name=connection.name, changes=changes)
    record(fact, actor=actor)
    if connection.state == "auth_error":
        connection.state, connection.reason = "active", ""
        due_now(connection)
        queue.release(connection.target)
    db.session().flush()


def forget_old_token(connection: Connection, *, actor: Actor) -> bool:
    """Delete the replaced token before its day is over. False: there was none."""
    if not tokens.forget_fall_back(connection):
        return False
    record(TokenForgotten(subject_id=connection.id, name=connection.name), actor=actor)
    return True


def _check(
    *, name: str, base_url: str, interval: int, allow_http: bool, own_id: int | None = None
) -> None:
    fields: dict[str, str] = {}
    if not name.strip() or len(name.strip()) > 120:
        fields["name"] = gettext("Give it a name of at most 120 characters.")
    elif _name_taken(name.strip(), own_id):
        fields["name"] = gettext("Another connection has this name.")
    if interval not in INTERVALS:
        fields["interval_minutes"] = gettext("Choose one of the offered intervals.")
    wrong = _wrong_address(base_url, allow_http=allow_http)
    if wrong:
        fields["base_url"] = wrong
    if fields:
        raise Invalid(gettext("Please correct what is marked."), fields=fields)


def _check_kind(kind: str) -> None:
    if kind not in registry.kinds():
        raise Invalid(gettext("Choose a kind of system."), fields={"kind": gettext("Choose one.")})


def _name_taken(name: str, own_id: int | None) -> bool:
    found = db.session().scalar(select(Connection.id).where(Connection.name == name))
    return found is not None and found != own_id


def _wrong_address(base_url: str, *, allow_http: bool) -> str:
    try:
        parts = urlsplit(base_url)
        host, user = tokens.host_of(base_url), parts.username
    except ValueError:
        return gettext("This is no web address.")
    if parts.scheme not in ("http", "https") or not host:
        return gettext("Enter an address such as https://example.org/api.")
    if user is not None or parts.query or parts.fragment:
        return gettext("Leave out user names, ? and #: the token has its own field.")
    if parts.scheme == "http" and not allow_http:
        return gettext("Use https, or allow an unencrypted connection below.")
    return ""


def _check_same_host(connection: Connection, base_url: str, secret: str) -> None:
    """Whoever may edit an address must not be able to have the token sent to it."""
    moved = tokens.host_of(base_url) != tokens.host_of(connection.base_url)
    downgraded = connection.base_url.startswith("https:") and base_url.startswith("http:")
    if (moved or downgraded) and not secret and tokens.current(connection.id) is not None:
        text = gettext("The address is another one: enter the token again.")
        raise Invalid(text, fields={"secret": text})


def _change(connection: Connection, wanted: Mapping[str, Any], *, actor: Actor) -> None:
    """Set what differs, tell it once, and do what follows from it. Nothing where nothing differs."""
    changes = {
        field: [_shown(getattr(connection, field)), _shown(value)]
        for field, value in wanted.items()
        if getattr(connection, field) != value
    }
    if not changes:
        return
    for field in changes:
        setattr(connection, field, wanted[field])
    db.session().flush()
    _start_over_elsewhere(connection, changes)
    if "push_enabled" in changes and connection.push_enabled:
        queue.release(connection.target)
    fact = ConnectionEdited(subject_id=connection.id, name=connection.name, changes=changes)
    record(fact, actor=actor)


def _start_over_elsewhere(connection: Connection, changes: Mapping[str, Any]) -> None:
    """Another address or other options make the saved place in the pull meaningless."""
    if "base_url" in changes or "options" in changes:
        connection.cursor, connection.watermark = {}, None
        due_now(connection)
    elif "interval_minutes" in changes and connection.next_pull_at is not None:
        due_now(connection)


def _with_ours(
    options: Mapping[str, Any], *, plan: Mapping[str, Any] | None, timezone: str | None
) -> dict[str, Any]:
    """The upstream's options together with what we keep beside them; None leaves that as it is."""
    ours = {"plan": dict(plan) if plan else None, "timezone": timezone}
    found = {**options, **{name: value for name, value in ours.items() if value is not None}}
    return {name: value for name, value in found.items() if value not in ("", None)}


def _or(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


def _shown(value: Any) -> str:
    return str(value)[:200]
