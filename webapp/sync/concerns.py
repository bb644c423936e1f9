"""What an admin should see to before it stops a connection: tokens that end, roads that lead nowhere for days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext, ngettext
from sqlalchemy import select

from webapp.core import breaker, clock, db
from webapp.outbox import roads
from webapp.sync import tokens
from webapp.sync.models import Connection, ConnectionSecret

SOON = timedelta(days=7)
PULL, PUSH = "pull", "push"


@dataclass(frozen=True)
class Concern:
    """`kind`: warning or error. `at`: the time that `text` ends with. `mends`: what to do about it is on the
    settings page."""

    connection: Connection
    kind: str
    text: str
    at: datetime | None = None
    advice: str = ""
    mends: bool = False


def concerns_of(connections: Sequence[Connection]) -> list[Concern]:
    """With three queries for all of them; what is paused has no concerns but its tokens."""
    ids, now = [each.id for each in connections], clock.now()
    if not ids:
        return []
    current, retired = _secrets(ids)
    since = roads.failing_since(
        [each.pull_road for each in connections] + [each.target for each in connections]
    )
    found: list[Concern | None] = []
    for each in connections:
        secret = current.get(each.id)
        if secret is not None:
            found += [_refused(each, secret, retired.get(each.id)), _ending(each, secret, now)]
        if each.state in ("active", "degraded"):
            found += [
                _failing(each, PULL, since.get(each.pull_road), now),
                _failing(each, PUSH, since.get(each.target), now),
            ]
    return [each for each in found if each is not None]


def _refused(
    connection: Connection, secret: ConnectionSecret, old: ConnectionSecret | None
) -> Concern | None:
    if secret.refused_at is None or old is None or old.retired_at is None:
        return None
    return Concern(
        connection,
        "error",
        gettext("The new token is refused. The one before it still works and is used until"),
        at=old.retired_at + tokens.FALL_BACK,
        advice=gettext("Enter a valid token before then, else the connection stops."),
        mends=True,
    )


def _ending(connection: Connection, secret: ConnectionSecret, now: datetime) -> Concern | None:
    ends = secret.expires_at
    if ends is None or ends - now > SOON:
        return None
    if ends <= now:
        return Concern(
            connection,
            "error",
            gettext("The token says that it has expired:"),
            at=ends,
            advice=gettext("Replace it; the new one is tested before it takes over."),
            mends=True,
        )
    days = (ends - now).days
    text = ngettext("The token expires in %(num)s day:", "The token expires in %(num)s days:", days)
    return Concern(
        connection,
        "warning",
        text if days else gettext("The token expires within a day:"),
        at=ends,
        advice=gettext("Replace it before then; the new one is tested before it takes over."),
        mends=True,
    )


def _failing(
    connection: Connection, way: str, since: datetime | None, now: datetime
) -> Concern | None:
    if not breaker.patience(since, now):
        return None
    limit = int(breaker.PAUSE_AFTER.total_seconds() // 3600)
    text = gettext("Nothing could be read since")
    if way == PUSH:
        text = gettext("Nothing could be sent since")
    advice = gettext("After %(hours)s hours of nothing but failures it is paused.", hours=limit)
    return Concern(connection, "warning", text, at=since, advice=advice)


def _secrets(
    ids: Sequence[int],
) -> tuple[dict[int, ConnectionSecret], dict[int, ConnectionSecret]]:
    """connection id → the token in use; → the one before it, as long as it is kept."""
    rows = db.session().scalars(
        select(ConnectionSecret)
        .where(ConnectionSecret.connection_id.in_(ids))
        .order_by(ConnectionSecret.id)
        .execution_options(populate_existing=True)
    )
    current, retired = {}, {}
    for row in rows:
        if row.retired_at is None:
            current[row.connection_id] = row
        elif row.retired_at > clock.now() - tokens.FALL_BACK:
            retired[row.connection_id] = row
    return current, retired
