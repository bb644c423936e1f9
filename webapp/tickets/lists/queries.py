"""Saved views, as a person may see them, with how many tickets each holds."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from webapp.accounts.callers import ask_beside
from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.errors import NotFound
from webapp.tickets.lists.models import SavedView
from webapp.tickets.models import Ticket
from webapp.tickets.queries.filters import Filters
from webapp.tickets.queries.finding import conditions
from webapp.tickets.queries.listing import COUNTED_UP_TO

MOST_BESIDE = 8  # in the sidebar
MOST_SHOWN = 20  # above the list; all stand on their page
_FIRST = select(SavedView).where(SavedView.role == bindparam("role"))
ask_beside(has_first_list=select(SavedView.id).where(SavedView.role == User.role).exists())


def views_for(user: User, *, limit: int | None = None) -> Sequence[SavedView]:
    """Own and shared ones by name; with `limit` the own first."""
    mine = SavedView.owner_id == user.id
    query = (
        select(SavedView)
        .where(or_(mine, SavedView.shared.is_(True)))
        .options(joinedload(SavedView.owner))
        .order_by(mine.desc(), func.lower(SavedView.name), SavedView.id)
        .limit(limit)
    )
    return db.session().scalars(query).all()


def view_to_edit(user: User, view_id: int) -> SavedView:
    """One's own, or a shared one of those who may share. Raises NotFound."""
    found = db.session().get(SavedView, view_id)
    if found is None or not may_edit(user, found):
        raise NotFound(gettext("There is no such view, or it is not yours."))
    return found


def may_edit(user: User, view: SavedView) -> bool:
    return view.owner_id == user.id or (view.shared and user.may(Permission.VIEWS_SHARE))


def first_list_of(user: User) -> SavedView | None:
    """What /tickets shows to the role of `user`."""
    return db.session().scalar(_FIRST, {"role": user.role})


def counts_of(user: User, views: Sequence[SavedView]) -> dict[int, int]:
    """view's key → its tickets, counted up to COUNTED_UP_TO + 1, in one statement."""
    if not views:
        return {}
    counts = []
    for view in views:
        some = select(Ticket.id).where(*conditions(user, Filters.of(view.args)))
        bounded = some.limit(COUNTED_UP_TO + 1).subquery()
        counts.append(select(literal(view.id), func.count()).select_from(bounded))
    return {key: count for key, count in db.session().execute(union_all(*counts))}  # noqa: C416
