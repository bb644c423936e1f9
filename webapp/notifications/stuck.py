"""What waits for somebody, over all connections, the mail and devices: the content of the daily digest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from webapp.core import clock, db
from webapp.outbox.models import Delivery
from webapp.sync.models import Connection, Quarantine, ValueMap
from webapp.sync.problem_lists import count_open_conflicts

FROM_HOUR, TO_HOUR = 8, 12  # a desk that was down at eight still tells in the morning, not at night
HELD_FOR = timedelta(hours=1)  # a shorter wait is none of anybody's business


@dataclass(frozen=True)
class Part:
    """One connection, or the mail. `url`: a path of this desk."""

    name: str
    url: str
    lines: list[str] = field(default_factory=list)


def digest_day(now: datetime, zone: ZoneInfo) -> str | None:
    """The day whose digest is due for a person there; None outside of the morning."""
    local = now.astimezone(zone)
    return f"{local:%Y-%m-%d}" if FROM_HOUR <= local.hour < TO_HOUR else None


def stuck() -> list[Part]:
    """By connection, mail and devices last; empty where nothing waits."""
    session = db.session()
    connections = session.scalars(select(Connection).order_by(Connection.name)).all()
    waiting = _deliveries()
    quarantined = _count(Quarantine, Quarantine.state == "open")
    unmapped = _count(ValueMap, ValueMap.local.is_(None))
    conflicts = count_open_conflicts([each.id for each in connections])
    parts = [
        Part(
            each.name,
            f"/connections/{each.id}",
            _state(each)
            + _waiting(waiting[each.target])
            + _records(quarantined.get(each.id, 0), unmapped.get(each.id, 0))
            + _conflicts(conflicts.get(each.id, 0)),
        )
        for each in connections
    ]
    parts.append(Part(gettext("Mail"), "/outbox?channel=mail", _waiting(waiting["mail"])))
    parts.append(Part(gettext("Devices"), "/outbox?channel=webpush", _waiting(_devices(waiting))))
    return [part for part in parts if part.lines]


def _state(connection: Connection) -> list[str]:
    if connection.state in ("active", "degraded"):
        return []
    return [gettext("Paused: %(reason)s", reason=connection.reason)]


def _waiting(states: Mapping[str, int]) -> list[str]:
    lines = []
    if states.get("parked"):
        words = ngettext(
            "%(num)s delivery is parked: it needs a decision.",
            "%(num)s deliveries are parked: they need a decision.",
            states["parked"],
        )
        lines.append(words)
    if states.get("held"):
        words = ngettext(
            "%(num)s delivery has been held for an hour or more.",
            "%(num)s deliveries have been held for an hour or more.",
            states["held"],
        )
        lines.append(words)
    return lines


def _devices(waiting: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Over all push services."""
    found = [states for target, states in waiting.items() if target.startswith("webpush:")]
    return {state: sum(states.get(state, 0) for states in found) for state in ("parked", "held")}


def _records(quarantined: int, unmapped: int) -> list[str]:
    lines = []
    if quarantined:
        words = ngettext(
            "%(num)s record could not be read.", "%(num)s records could not be read.", quarantined
        )
        lines.append(words)
    if unmapped:
        words = ngettext("%(num)s value is not mapped.", "%(num)s values are not mapped.", unmapped)
        lines.append(words)
    return lines


def _conflicts(number: int) -> list[str]:
    if not number:
        return []
    words = ngettext(
        "%(num)s field was changed on both sides: say whose value counts.",
        "%(num)s fields were changed on both sides: say whose values count.",
        number,
    )
    return [words]


def _deliveries() -> defaultdict[str, dict[str, int]]:
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    long_ago = clock.now() - HELD_FOR
    rows = db.session().execute(
        select(Delivery.target, Delivery.state, func.count())
        .where(
            Delivery.settled_at.is_(None),
            (Delivery.state == "parked")
            | ((Delivery.state == "held") & (Delivery.created_at <= long_ago)),
        )
        .group_by(Delivery.target, Delivery.state)
    )
    for target, state, number in rows:
        found[target][state] = number
    return found


def _count(model: type[Quarantine] | type[ValueMap], condition: object) -> dict[int, int]:
    rows = db.session().execute(
        select(model.connection_id, func.count())
        .where(condition)  # type: ignore[arg-type]
        .group_by(model.connection_id)
    )
    return {row[0]: row[1] for row in rows}
