"""The only writers of what people make of the list."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.accounts.models import User
from webapp.core import db
from webapp.tickets.lists import columns
from webapp.tickets.lists.models import ListChoice


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
