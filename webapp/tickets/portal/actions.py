"""The only writers of public forms. None commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.accounts.events import DeskEdited
from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.errors import Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.actions.organising import tags_named
from webapp.tickets.models import Team
from webapp.tickets.portal.forms import PublicFormForm
from webapp.tickets.portal.models import PublicForm
from webapp.tickets.portal.questions import Question


def save_form(
    form: PublicForm | None,
    *,
    values: PublicFormForm,
    questions: Sequence[Question],
    stops: dict[str, Any],
    actor: Actor,
) -> PublicForm:
    """A new one, or the one given as it should be from now on. Raises Invalid."""
    _check(values, own_id=form.id if form else None)
    old = form.title if form else ""
    form = form or PublicForm()
    form.title, form.slug, form.intro = values.title, values.slug, values.intro
    form.active, form.priority = values.active, values.priority
    form.team_id, form.assignee_id = values.team, values.assignee
    form.tags = [tag.name for tag in tags_named(values.tags.split(","))]
    form.questions = [question.stored() for question in questions]
    form.stops = stops
    db.session().add(form)
    _note(old, form.title, actor=actor)
    return form


def delete_form(form: PublicForm, *, actor: Actor) -> None:
    """Its tickets keep their answers."""
    db.session().delete(form)
    _note(form.title, "", actor=actor)


def _check(values: PublicFormForm, *, own_id: int | None) -> None:
    session, wrong = db.session(), {}
    taken = session.scalar(select(PublicForm.id).where(PublicForm.slug == values.slug))
    if taken not in (None, own_id) or values.slug == "follow":
        wrong["slug"] = gettext("Another form has this address.")
    if values.team and session.get(Team, values.team) is None:
        wrong["team"] = gettext("Please choose one of the list.")
    person = session.get(User, values.assignee) if values.assignee else None
    if values.assignee and not (person and person.may(Permission.TICKETS_WORK)):
        wrong["assignee"] = gettext("Please choose one of the list.")
    if wrong:
        raise Invalid(gettext("Please correct the marked fields."), fields=wrong)


def _note(old: str, new: str, *, actor: Actor) -> None:
    db.session().flush()
    record(DeskEdited(subject_id=desk().id or 0, changes={"forms": [old, new]}), actor=actor)
