"""What somebody with an account has reported themselves."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from webapp.accounts.models import User
from webapp.core import db
from webapp.core.pagination import Page
from webapp.tickets import search
from webapp.tickets.models import Ticket
from webapp.tickets.queries import clauses, ordering
from webapp.tickets.queries.filters import NEWEST

ROWS = 20  # each is a topic of the stream, which has sixty for all tabs of a browser


def own_reports(user: User, *, after: str | None = None) -> Page[Ticket]:
    """The tickets that were reported with their address, newest first, after the position `after`.

    Who has that address was mailed the link to each of them: an account's was proved by a mail, or given by an admin.
    """
    # The search index finds the few that hold the address somewhere; the column has no index of its own.
    asked = search.Search(terms=(search.Term(search.words_of(user.email), exact=True),))
    order = ordering.of(NEWEST)
    query = select(Ticket).options(defer(Ticket.description))
    query = query.where(*clauses.of_words(asked))
    query = query.where(func.lower(func.trim(Ticket.reporter_email)) == user.email)
    beyond, values = order.after(after) if after else (None, {})
    if beyond is not None:
        query = query.where(beyond)
    rows = db.session().scalars(query.order_by(*order.by).limit(ROWS + 1), values).all()
    more, rows = len(rows) > ROWS, rows[:ROWS]
    return Page(rows, order.position(rows[-1]) if more else None)
