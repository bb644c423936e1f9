"""What the list's filters offer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.core import db
from webapp.core.distinct import values_of
from webapp.core.plain import Plain
from webapp.tickets.models import Category, Tag, Team, Ticket

MOST_CHOICES = 200
_ACTIVE = Plain(
    select(Category.name)
    .where(Category.active.is_(True))
    .order_by(Category.position, Category.name)
)


def categories_in_use() -> Sequence[str]:
    """Every category that a ticket has, at most 200."""
    return _in_use(Ticket.category)


def barangays_in_use() -> Sequence[str]:
    """Every barangay that a ticket has, at most 200."""
    return _in_use(Ticket.barangay)


def sources_in_use() -> Sequence[tuple[str, str]]:
    """(source, its name) of every place that tickets came from."""
    values = values_of(Ticket.source)
    name = select(Ticket.source_name).where(Ticket.source == values.c.value).limit(1)
    query = select(values.c.value, name.scalar_subquery()).limit(MOST_CHOICES)
    return [(source, name or "") for source, name in db.session().execute(query)]


def active_categories() -> list[str]:
    """What a reporter may choose."""
    return [name for (name,) in _ACTIVE.all()]


def all_categories() -> Sequence[str]:
    """What reporters may choose or once could."""
    query = select(Category.name).order_by(Category.position, Category.name)
    return db.session().scalars(query).all()


def all_teams() -> Sequence[Team]:
    return db.session().scalars(select(Team).order_by(Team.name).limit(MOST_CHOICES)).all()


def all_tags() -> Sequence[Tag]:
    return db.session().scalars(select(Tag).order_by(Tag.key).limit(MOST_CHOICES)).all()


def _in_use(column: InstrumentedAttribute[str]) -> Sequence[str]:
    values = values_of(column)
    return db.session().scalars(select(values.c.value).limit(MOST_CHOICES)).all()
