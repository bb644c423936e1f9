"""The only writers of what people make of the list."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import clock, db
from webapp.core.errors import Forbidden, Invalid
from webapp.events.record import record
from webapp.tickets.lists import columns
from webapp.tickets.lists.events import ViewDeleted, ViewEdited, ViewSaved
from webapp.tickets.lists.forms import ViewForm
from webapp.tickets.lists.models import ListChoice, SavedView
from webapp.tickets.queries.filters import Filters

MOST_VIEWS = 50  # of one person


def choose_columns(user: User, names: Sequence[str]) -> None:
    """Show these columns to `user` from now on. It concerns nobody else, so that no fact is recorded."""
    chosen = list(columns.known(names))
    session = db.session()
    choice = session.get(ListChoice, user.id)
    if chosen == list(columns.USUAL):
        if choice:
            session.delete(choice)
    elif choice:
        choice.columns = chosen
    else:
        session.add(ListChoice(user_id=user.id, columns=chosen))
    session.flush()


def save_view(form: ViewForm, filters: Filters, *, user: User) -> SavedView:
    """A new view of `user`'s own. Raises Invalid where there are too many, Forbidden for who may not share."""
    own = select(func.count()).where(SavedView.owner_id == user.id)
    if (db.session().scalar(own) or 0) >= MOST_VIEWS:
        raise Invalid(
            gettext("You have %(most)s views already. Delete one first.", most=MOST_VIEWS)
        )
    _check_may_share(user, form.shared or bool(form.role))
    view = SavedView(
        owner_id=user.id,
        name=form.name,
        args=filters.as_args(),
        shared=form.shared or bool(form.role),
        role=_free_role(form.role),
        created_at=clock.now(),
    )
    db.session().add(view)
    db.session().flush()
    record(ViewSaved(subject_id=view.id, name=view.name, shared=view.shared), actor=user.actor)
    return view


def edit_view(view: SavedView, form: ViewForm, *, user: User) -> None:
    """Name, whom it is for, and whose first list it is; a role's first list is shared."""
    shared, role = form.shared or bool(form.role), form.role or None
    _check_may_share(user, (shared, role) != (view.shared, view.role))
    if role != view.role:
        view.role = None  # before another takes its place: a role has one first list
        db.session().flush()
        role = _free_role(form.role)
    _set(view, {"name": form.name, "shared": shared, "role": role}, user=user)


def update_view(view: SavedView, filters: Filters, *, user: User) -> None:
    """The view holds these filters and this order from now on."""
    _set(view, {"args": filters.as_args()}, user=user)


def delete_view(view: SavedView, *, user: User) -> None:
    record(ViewDeleted(subject_id=view.id, name=view.name), actor=user.actor)
    db.session().delete(view)
    db.session().flush()


def _set(view: SavedView, values: dict[str, object], *, user: User) -> None:
    changes: dict[str, list[str]] = {}
    for field, new in values.items():
        old = getattr(view, field)
        if new != old:
            setattr(view, field, new)
            changes[field] = [_said(old), _said(new)]
    if changes:
        db.session().flush()
        record(ViewEdited(subject_id=view.id, name=view.name, changes=changes), actor=user.actor)


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    return "" if value is None else str(value)


def _free_role(role: str) -> str | None:
    """`role`, which another view no longer is the first list of."""
    if not role:
        return None
    before = db.session().scalar(select(SavedView).where(SavedView.role == role))
    if before is not None:
        before.role = None
        db.session().flush()
    return role


def _check_may_share(user: User, shares: bool) -> None:
    if shares and not user.may(Permission.VIEWS_SHARE):
        raise Forbidden(gettext("You may keep views for yourself, not share them."))
