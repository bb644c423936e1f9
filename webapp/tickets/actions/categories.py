"""What a reporter may choose. Tickets keep the words they were given: hiding a category changes none of them."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.accounts.events import DeskEdited
from webapp.accounts.queries import desk
from webapp.core import db
from webapp.core.errors import Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.models import Category
from webapp.tickets.portal.models import PublicForm


def add_category(name: str, *, actor: Actor) -> Category:
    """A new choice at the end of the list. Raises Invalid where the name is taken."""
    _check_free(name, own_id=None)
    last = db.session().scalar(select(func.max(Category.position))) or 0
    category = Category(name=name, position=last + 1, active=True)
    db.session().add(category)
    _note("", name, actor=actor)
    return category


# What a desk begins with; its admin renames, hides and adds to them.
FIRST_CATEGORIES = (
    "Roads and sidewalks",
    "Street lights",
    "Garbage",
    "Flooding and drainage",
    "Water supply",
    "Trees and parks",
    "Animals",
    "Noise",
    "Other",
)


def add_first_categories(*, actor: Actor) -> None:
    """The categories of a new desk. Nothing happens where there are any, hidden ones included."""
    if db.session().scalar(select(Category.id).limit(1)) is None:
        for position, name in enumerate(FIRST_CATEGORIES, start=1):
            db.session().add(Category(name=name, position=position, active=True))
        _note("", ", ".join(FIRST_CATEGORIES), actor=actor)


def rename_category(category_id: int, *, name: str, actor: Actor) -> None:
    category = _get(category_id)
    if name == category.name:
        return
    _check_free(name, own_id=category_id)
    old, category.name = category.name, name
    _forms_follow(old, name)
    _note(old, name, actor=actor)


def _forms_follow(old: str, new: str) -> None:
    """What forms ask and stop by this name goes on under the new one: a message such as "call 911" must not be lost."""
    for form in db.session().scalars(select(PublicForm)):
        form.stops = {new if name == old else name: said for name, said in form.stops.items()}
        form.questions = [
            {**each, "categories": [new if n == old else n for n in each.get("categories", ())]}
            for each in form.questions
        ]


def offer_category(category_id: int, *, offered: bool, actor: Actor) -> None:
    """Offer it to reporters, or no longer."""
    category = _get(category_id)
    if category.active == offered:
        return
    category.active = offered
    words = gettext("offered") if offered else gettext("no longer offered")
    _note(category.name, f"{category.name} ({words})", actor=actor)


def _note(old: str, new: str, *, actor: Actor) -> None:
    db.session().flush()
    record(DeskEdited(subject_id=desk().id or 0, changes={"categories": [old, new]}), actor=actor)


def _get(category_id: int) -> Category:
    category = db.session().get(Category, category_id)
    if category is None:
        raise NotFound(gettext("There is no such category."))
    return category


def _check_free(name: str, *, own_id: int | None) -> None:
    found = db.session().scalar(select(Category.id).where(Category.name == name))
    if found is not None and found != own_id:
        words = gettext("There is a category of this name already.")
        raise Invalid(words, fields={"name": words})
