"""A ticket whose page is open: what several of its parts show is read once, and in one statement where it can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Exists,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.accounts.models import User
from webapp.accounts.queries import who_may
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.among import among_given, given
from webapp.core.db import BigInt
from webapp.core.entities import Entities, belongs
from webapp.core.plain import Plain
from webapp.outbox.models import Delivery
from webapp.outbox.queries import deliveries_of
from webapp.tickets.composing.models import Draft, Sending
from webapp.tickets.composing.queries import draft_of, sendings_of
from webapp.tickets.models import Attachment, Tag, Team, Ticket, ticket_tag
from webapp.tickets.queries.one import (
    Message,
    newest_response_id,
    not_found,
    refinements,
    staff_conversation,
)
from webapp.tickets.relating.models import ChecklistItem, TicketRelation, ticket_watcher
from webapp.tickets.relating.queries import (
    Related,
    checklist_of,
    merged_into,
    related_to,
    stands_for,
)

Names = list[tuple[int, str]]


def _there(model: type[Any], column: InstrumentedAttribute[Any], *more: Any) -> Exists:
    return select(model.id).where(column == Ticket.id, *more).exists()


_below = aliased(Ticket, name="below")
_assignee = aliased(User, name="assignee")
# Most tickets have none of these: to be told so in one statement saves as many as there are.
_MAY_HAVE: dict[str, ColumnElement[bool]] = {
    "merged": select(_below.id).where(_below.merged_into_id == Ticket.id).exists(),
    "attachment": _there(Attachment, Attachment.ticket_id),
    "sending": _there(Sending, Sending.ticket_id),
    "checklist_item": _there(ChecklistItem, ChecklistItem.ticket_id),
    "delivery": _there(Delivery, Delivery.subject_id, Delivery.subject_kind == "ticket"),
    "related": or_(
        select(TicketRelation.id).where(TicketRelation.ticket_id == Ticket.id).exists(),
        select(TicketRelation.id).where(TicketRelation.other_id == Ticket.id).exists(),
    ),
}
_own_draft = and_(Draft.ticket_id == Ticket.id, Draft.user_id == bindparam("user_id"))
_OPENED = Entities(
    Ticket,
    _assignee,
    Draft,
    *_MAY_HAVE.values(),
    more=lambda query: (
        query.select_from(Ticket)
        .outerjoin(_assignee, _assignee.id == Ticket.assignee_id)
        .outerjoin(Draft, _own_draft)
        .where(Ticket.ref == bindparam("ref"))
    ),
)
_UNKNOWN: Mapping[str, Any] = {}


class Opened:
    """`user`: who looks at it. `known`: of what there is none, and its viewer's draft, where that was asked already."""

    def __init__(self, ticket: Ticket, user: User, known: Mapping[str, Any] = _UNKNOWN) -> None:
        self.ticket, self.user, self._known = ticket, user, known

    @classmethod
    def by(cls, user: User, ref: str) -> Opened:
        """Raises NotFound, also for those who may not see tickets."""
        if not user.may(Permission.TICKETS_SEE):
            raise not_found()
        found = _OPENED.first({"ref": ref, "user_id": user.id})
        if found is None:
            raise not_found()
        ticket, assignee, draft, *there = found
        belongs(ticket, "assignee", assignee)
        return cls(ticket, user, {"draft": draft, **dict(zip(_MAY_HAVE, there, strict=True))})

    def _may_have(self, what: str) -> bool:
        return bool(self._known.get(what, True))

    @property
    def may_work(self) -> bool:
        return self.user.may(Permission.TICKETS_WORK)

    @cached_property
    def draft(self) -> Draft | None:
        """What its viewer has begun to write on it."""
        if "draft" in self._known:
            return cast("Draft | None", self._known["draft"])
        return draft_of(self.ticket, self.user.id)

    @cached_property
    def merged(self) -> list[Ticket]:
        return merged_into(self.ticket) if self._may_have("merged") else []

    @cached_property
    def target(self) -> Ticket | None:
        """The ticket that stands for it, where it was merged."""
        return stands_for(self.ticket) if self.ticket.merged_into_id else None

    @cached_property
    def messages(self) -> list[Message]:
        some_files = bool(self.merged) or self._may_have("attachment")
        return staff_conversation(self.ticket, self.merged, some_files=some_files)

    @property
    def sendings(self) -> Sequence[tuple[Sending, str]]:
        return sendings_of(self.ticket) if self._may_have("sending") else []

    @property
    def checklist(self) -> Sequence[ChecklistItem]:
        return checklist_of(self.ticket) if self._may_have("checklist_item") else []

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """What left or waits to leave because of it, newest first."""
        return deliveries_of("ticket", self.ticket.id) if self._may_have("delivery") else []

    @property
    def related(self) -> list[Related]:
        return related_to(self.ticket) if self._may_have("related") else []

    @cached_property
    def newest_response_id(self) -> int:
        return newest_response_id(self.ticket, among=self.messages)

    @cached_property
    def _names(self) -> dict[str, Names]:
        found: dict[str, Names] = {kind: [] for kind in _KINDS}
        dialect = db.session().get_bind().dialect.name
        values = {
            "ids": given([self.ticket.id, *(each.id for each in self.merged)], dialect),
            "ticket_id": self.ticket.id,
            "team_id": self.ticket.team_id,
            "category": self.ticket.category,
        }
        for kind, key, name, _order in _named(dialect, to_choose=self.may_work).all(values):
            found[kind].append((key, name))
        return found

    @property
    def people(self) -> Names:
        """Whom it can be given to."""
        return self._names["person"]

    @property
    def teams(self) -> Names:
        return self._names["team"]

    @property
    def tags(self) -> list[str]:
        return [name for _, name in self._names["tag"]]

    @property
    def watchers(self) -> Names:
        """Who watches it, or one that it stands for, and may still see it."""
        return self._names["watcher"]

    @property
    def refinements(self) -> list[str]:
        """How tickets of its category were refined of late."""
        return [name for _, name in self._names["refinement"]]


@cache
def _named(dialect: str, *, to_choose: bool) -> Plain:
    """(kind, key, name, order) of all that the page lists or offers by name. Made once: it is long."""
    watched = among_given(ticket_watcher.c.ticket_id, "ids", dialect)
    parts = [
        _as("tag", Tag.id, Tag.name, Tag.key)
        .join(ticket_tag, ticket_tag.c.tag_id == Tag.id)
        .where(ticket_tag.c.ticket_id == bindparam("ticket_id")),
        _as("watcher", User.id, User.name, User.name).where(
            User.id.in_(select(ticket_watcher.c.user_id).where(watched)),
            who_may(Permission.TICKETS_SEE),
        ),
    ]
    if to_choose:
        known = refinements(bindparam("category")).subquery()
        of_team = Team.id == bindparam("team_id", type_=BigInt)
        parts += [
            _as("person", User.id, User.name, User.name).where(who_may(Permission.TICKETS_WORK)),
            _as("team", Team.id, Team.name, Team.name).where(or_(Team.active.is_(True), of_team)),
            _as("refinement", literal(0), known.c.words, known.c.words),
        ]
    return Plain(union_all(*parts).order_by("place", "key"))


def _as(kind: str, key: Any, name: Any, place: Any) -> Select[*tuple[Any, ...]]:
    return select(
        literal(kind).label("kind"), key.label("key"), name.label("name"), place.label("place")
    )


_KINDS = ("tag", "watcher", "person", "team", "refinement")
