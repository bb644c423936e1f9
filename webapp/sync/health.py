"""How a connection is doing, in words for people. Pure: a connection's fields, its last run, the clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

# A sync.models.Connection and its newest Run, whose fields are all that is read here.
Connection = Any
Run = Any

READY, SYNCING, WAITING, PAUSED, DEGRADED, ERROR, LATE = (
    "ready",
    "syncing",
    "waiting",
    "paused",
    "degraded",
    "error",
    "late",
)
# Beyond this a due pull is not merely next in line: nobody takes it.
TOO_LATE = timedelta(seconds=90)

# Our own failure kinds, beside those of RemoteError.
ADVICE: Mapping[str, object] = {
    "empty": lazy_gettext(
        "The upstream answered with an empty list where it had records before. Nothing was changed here. "
        "Check what the token's account may see, and the address."
    ),
    "quarantine": lazy_gettext(
        "Most records could not be read, so their form has probably changed. Look at the problems below, "
        "adjust the mapping and start the sync again."
    ),
    "ties": lazy_gettext(
        "More records than fit on a page share one moment of change. Raise the page size of this connection."
    ),
    "interrupted": lazy_gettext(
        "The worker ended in the middle. The sync goes on where it stopped."
    ),
    "broken": lazy_gettext(
        "The desk made a mistake here. Its log says more; the sync is tried again."
    ),
}


@dataclass(frozen=True, slots=True)
class Health:
    """`kind`: one of the constants above. `at`: the time that `text` speaks of, shown beside it."""

    kind: str
    text: str
    advice: str = ""
    at: datetime | None = None


def health_of(
    connection: Connection,
    run: Run | None,
    *,
    now: datetime,
    problems: int = 0,
    parked: int = 0,
    rests_until: datetime | None = None,
) -> Health:
    """The one state that matters most now. `problems`: what came in and waits for a person; `parked`: what
    was to go out and does. `rests_until`: when the breaker of its pulls lets one through again."""
    return (
        _resting(connection)
        or _syncing(connection, run, now)
        or _waiting(connection, now)
        or _left_alone(run, rests_until, now)
        or _late(connection, now)
        or _troubled(connection, run)
        or _degraded(connection, problems, parked)
        or Health(READY, gettext("Ready"), at=connection.next_pull_at)
    )


def _resting(connection: Connection) -> Health | None:
    if connection.state == "auth_error":
        return Health(
            PAUSED,
            gettext(
                "Paused: %(reason)s", reason=connection.reason or gettext("the token was refused")
            ),
            advice=gettext("Enter a valid token under Settings; the sync then goes on by itself."),
        )
    if connection.state in ("paused", "disabled"):
        reason = connection.reason
        text = gettext("Paused: %(reason)s", reason=reason) if reason else gettext("Paused")
        return Health(PAUSED, text, advice=gettext("Resume it to sync again."))
    return None


def _syncing(connection: Connection, run: Run | None, now: datetime) -> Health | None:
    if (
        connection.lease_token is None
        or connection.lease_until is None
        or connection.lease_until <= now
    ):
        return None
    if run is None or run.state != "running":
        return Health(SYNCING, gettext("Syncing"))
    pages = pages_in_all(run)
    if pages:
        text = gettext("Syncing page %(page)s of about %(pages)s", page=run.pages + 1, pages=pages)
    else:
        text = gettext("Syncing page %(page)s", page=run.pages + 1)
    return Health(SYNCING, text, at=run.started_at)


def pages_in_all(run: Run) -> int | None:
    """How many pages it will be, by the size of those so far; None where they do not say how much there is."""
    if not run.total_hint or not run.pages or not run.fetched:
        return None
    return max(math.ceil(run.total_hint * run.pages / run.fetched), run.pages + 1)


def _waiting(connection: Connection, now: datetime) -> Health | None:
    if connection.not_before is None or connection.not_before <= now:
        return None
    return Health(WAITING, gettext("Waiting: the server asked us to"), at=connection.not_before)


def _left_alone(run: Run | None, until: datetime | None, now: datetime) -> Health | None:
    if until is None or until <= now:
        return None
    return Health(
        WAITING,
        gettext("Waiting: there was no getting through, again and again; left alone"),
        advice=run.advice if run else "",
        at=until,
    )


def _late(connection: Connection, now: datetime) -> Health | None:
    due = connection.next_pull_at
    if due is None or now - due <= TOO_LATE:
        return None
    return Health(
        LATE,
        gettext("Late: no worker has taken this sync"),
        advice=gettext(
            "Check that the worker and the scheduler are running (see the health page)."
        ),
        at=due,
    )


def _troubled(connection: Connection, run: Run | None) -> Health | None:
    if connection.state == "degraded":
        return Health(
            DEGRADED,
            gettext("Degraded: %(reason)s", reason=connection.reason),
            advice=run.advice if run else "",
            at=connection.next_pull_at,
        )
    if connection.failures and run is not None:
        return Health(
            ERROR,
            gettext("Error: %(error)s", error=run.error),
            advice=run.advice,
            at=connection.next_pull_at,
        )
    return None


def _degraded(connection: Connection, problems: int, parked: int) -> Health | None:
    number = problems + parked
    if not number:
        return None
    if not parked:
        where = gettext("Under Problems each says why, and what you can do.")
    elif not problems:
        where = gettext("Under Deliveries each says why, and what you can do.")
    else:
        where = gettext("Under Problems and Deliveries each says why, and what you can do.")
    return Health(
        DEGRADED,
        ngettext("Degraded: %(num)s problem", "Degraded: %(num)s problems", number),
        advice=gettext("Everything else is in step.") + " " + where,
        at=connection.next_pull_at,
    )
