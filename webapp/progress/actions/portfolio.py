"""Pieces of work that a person shows, each with a file if there is one."""

from __future__ import annotations

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.progress import events
from webapp.progress.actions.dated import record_on
from webapp.progress.forms import PortfolioForm
from webapp.progress.models import PortfolioItem
from webapp.progress.queries import today_of
from webapp.tickets.attachments import StoredFile


def add_item(user: User, form: PortfolioForm, *, file: StoredFile | None) -> PortfolioItem:
    now = clock.now()
    item = PortfolioItem(
        user_id=user.id,
        added_on=today_of(user),
        created_at=now,
        updated_at=now,
        **form.model_dump(),
    )
    _attach(item, file)
    db.session().add(item)
    db.session().flush()
    _updated(item, user, new=True)
    return item


def edit_item(
    item: PortfolioItem, form: PortfolioForm, *, file: StoredFile | None, user: User
) -> None:
    """`file` None: the one that is there stays."""
    item.title, item.body, item.url, item.updated_at = form.title, form.body, form.url, clock.now()
    _attach(item, file)
    _updated(item, user, new=False)


def remove_item(item: PortfolioItem, *, user: User) -> None:
    db.session().delete(item)
    record_on(item.added_on, events.PortfolioRemoved, user, item_id=item.id)


def _attach(item: PortfolioItem, file: StoredFile | None) -> None:
    if file is not None:
        item.file_name, item.file_type = file.name, file.content_type
        item.file_size, item.storage_key = file.size, file.storage_key


def _updated(item: PortfolioItem, user: User, *, new: bool) -> None:
    day = item.added_on if new else today_of(user)
    record_on(day, events.PortfolioUpdated, user, item_id=item.id, new=new)
