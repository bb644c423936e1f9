"""Targets and calendars, and which of them counts for a ticket."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.core import db
from webapp.core.entities import Entities, belongs
from webapp.core.errors import NotFound
from webapp.targets.deadlines import Clockwork
from webapp.targets.hours import Always
from webapp.targets.models import Calendar, Target
from webapp.tickets.models import Ticket


class Targets:
    """Those in force, in their order. Calendars are read once."""

    def __init__(self, active: Sequence[Target]) -> None:
        self._active = active
        self._clockworks: dict[int, Clockwork] = {}

    @property
    def some(self) -> bool:
        return bool(self._active)

    @property
    def longest_warning(self) -> int:
        """Minutes."""
        return max((each.warn_minutes for each in self._active), default=0)

    def of(self, ticket: Ticket) -> Target | None:
        """The first that fits; of the category, either word does."""
        words = ("", ticket.refined_category, ticket.category)
        for each in self._active:
            if each.priority in (0, ticket.priority) and each.category in words:
                return each
        return None

    def clockwork(self, target: Target) -> Clockwork:
        calendar = target.calendar
        if calendar is None:
            return Always()
        if calendar.id not in self._clockworks:
            self._clockworks[calendar.id] = calendar.hours()
        return self._clockworks[calendar.id]


def targets() -> Targets:
    found = []
    for target, calendar in _IN_FORCE.all({}):
        belongs(target, "calendar", calendar)
        found.append(target)
    return Targets(found)


def all_targets() -> Sequence[Target]:
    return db.session().scalars(_all_targets().options(joinedload(Target.escalate_team))).all()


# Every new ticket asks, and every page of a pull. A calendar's holidays are read where it counts for one.
_IN_FORCE = Entities(
    Target,
    Calendar,
    more=lambda query: (
        query.select_from(Target)
        .outerjoin(Calendar, Calendar.id == Target.calendar_id)
        .where(Target.active.is_(True))
        .order_by(Target.position, Target.id)
    ),
)


def _all_targets() -> Select[Target]:
    calendar = joinedload(Target.calendar).selectinload(Calendar.holidays)
    return select(Target).order_by(Target.position, Target.id).options(calendar)


def calendars() -> Sequence[Calendar]:
    query = select(Calendar).order_by(Calendar.name).options(selectinload(Calendar.holidays))
    return db.session().scalars(query).all()


def get_target(target_id: int) -> Target:
    """Raises NotFound."""
    found = db.session().get(Target, target_id)
    if found is None:
        raise NotFound(gettext("There is no such target."))
    return found


def get_calendar(calendar_id: int) -> Calendar:
    """Raises NotFound."""
    found = db.session().get(Calendar, calendar_id)
    if found is None:
        raise NotFound(gettext("There is no such calendar."))
    return found
