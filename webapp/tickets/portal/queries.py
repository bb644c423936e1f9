"""Readings of public forms."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import db
from webapp.core.errors import NotFound
from webapp.tickets.portal.models import PublicForm


def all_forms() -> Sequence[PublicForm]:
    return db.session().scalars(select(PublicForm).order_by(PublicForm.title)).all()


def active_forms() -> Sequence[PublicForm]:
    query = select(PublicForm).where(PublicForm.active.is_(True)).order_by(PublicForm.title)
    return db.session().scalars(query).all()


def form_by_slug(slug: str, *, active_only: bool = True) -> PublicForm:
    """Raises NotFound, also for one that takes nothing at the moment."""
    form = db.session().scalar(select(PublicForm).where(PublicForm.slug == slug))
    if form is None or (active_only and not form.active):
        raise NotFound(gettext("There is no such form, or it takes no reports at the moment."))
    return form


def form_by_id(form_id: int) -> PublicForm:
    """Raises NotFound."""
    form = db.session().get(PublicForm, form_id)
    if form is None:
        raise NotFound(gettext("There is no such form."))
    return form
