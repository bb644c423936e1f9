"""Many tickets of usual lengths, written past the actions, for benches of pages; and what the pages ask for."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from flask_migrate import upgrade
from sqlalchemy import select

from bench import desk
from webapp import create_app
from webapp.accounts import actions as accounts
from webapp.accounts.queries import find_user_by_email
from webapp.core import clock, db
from webapp.core.inserting import insert_rows
from webapp.core.settings import load
from webapp.events.types import SYSTEM
from webapp.tickets import indexing, queries
from webapp.tickets.models import Response, Ticket
from webapp.tickets.queries import Filters, ordering

PIECE = 2000
STATUSES = ("open",) * 3 + ("in_progress", "for_rerouting", "resolved", "closed")
CATEGORIES = [f"Category {n}" for n in range(20)]
RARE = "quetzalcoatlus"
THREAD = 20
PAGES_DEEP = 500
EMAIL, PASSWORD = "a@example.org", "a long bench password"


@dataclass(frozen=True)
class Place:
    """What the pages ask for."""

    category: str
    after: str
    deep: dict[str, str]
    thread: str
    refs: list[str]


def filled(running: desk.Processes, tickets: int) -> Place:
    """The tables as the migrations make them, with `tickets` in them; those that are full already stay as they are."""
    app = create_app(load({**os.environ, **running.environ}), pages=False)
    with app.app_context():
        from webapp.core import migrating

        migrating.init_app(app)
        upgrade(directory=str(desk.ROOT / "migrations"))
        if find_user_by_email(EMAIL) is None:
            with db.transaction():
                accounts.create_user(
                    EMAIL, name="Amihan", role="admin", password=PASSWORD, actor=SYSTEM
                )
            with _index_made_last():
                for start in range(0, tickets, PIECE):
                    with db.transaction():
                        _fill(range(start + 1, min(start + PIECE, tickets) + 1), tickets)
            _outside("VACUUM ANALYZE" if db.db.engine.name == "postgresql" else "ANALYZE")
        place = _place()
        db.db.session.remove()
        db.db.engine.dispose()
    return place


def _outside(*statements: str) -> None:
    """Each in no transaction."""
    with db.db.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            plain.exec_driver_sql(statement)
        plain.commit()  # SQLite's ANALYZE would be taken back otherwise


@contextmanager
def _index_made_last() -> Iterator[None]:
    """On PostgreSQL the index of texts is made at once in the end: by its triggers a million takes half an hour."""
    if db.db.engine.name != "postgresql":
        yield
        return
    index = indexing.TABLE
    _outside(
        "ALTER TABLE ticket DISABLE TRIGGER USER",
        "ALTER TABLE response DISABLE TRIGGER USER",
        f"DROP INDEX ix_{index}_words",
    )
    yield
    _outside(
        "ALTER TABLE ticket ENABLE TRIGGER USER",
        "ALTER TABLE response ENABLE TRIGGER USER",
        f"INSERT INTO {index} SELECT t.id, ticket_search_words({indexing.PG_DOCUMENT}) FROM ticket t",
        f"CREATE INDEX ix_{index}_words ON {index} USING gin (words)",
        "SELECT setval(pg_get_serial_sequence('ticket', 'id'), (SELECT max(id) FROM ticket))",
    )


def _fill(ids: range, tickets: int) -> None:
    now, chance = clock.now(), random.Random(ids.start)
    words, rare = [f"word{n}" for n in range(4000)], max(tickets // 4, 8)
    rows = [
        {
            "id": n,
            "ref": f"T-2026-{n:06d}",
            "title": f"Broken street light {n}, Peñafrancia Avenue",
            "description": " ".join(chance.choices(words, k=50)) + (f" {RARE}" if n % rare == 7 else ""),
            "status": chance.choice(STATUSES),
            "category": chance.choice(CATEGORIES),
            "barangay": f"Barangay {chance.randrange(27)}",
            "place": f"Corner of street {chance.randrange(500)}",
            "follow_token": f"token-{n:030d}",
            "reported_at": now - timedelta(minutes=tickets - n + 10),
            "created_at": now - timedelta(minutes=tickets - n),
        }
        for n in ids
    ]  # fmt: skip
    insert_rows(Ticket, rows, updated_at=now, to_compare=False)
    own = [n for n in ids if n % 5 == 0] + [n for n in ids if n == 3] * THREAD
    insert_rows(
        Response,
        [{"ticket_id": n, "body": " ".join(chance.choices(words, k=60))} for n in own],
        author_kind="user", author_name="Bench", created_at=now,
    )  # fmt: skip


def _place() -> Place:
    user = find_user_by_email(EMAIL)
    assert user is not None
    wanted = queries.conditions(user, Filters())
    order = ordering.of("newest")
    query = select(Ticket).where(*wanted).order_by(*order.by).offset(PAGES_DEEP * 50).limit(1)
    last = db.session().scalar(query) or db.session().scalars(query.offset(0)).one()
    at = last.created_at.replace(tzinfo=None).isoformat(" ", "microseconds")
    return Place(
        category=CATEGORIES[3],
        after=order.position(last),
        deep={"id": str(last.id), "at": at},
        thread="T-2026-000003",
        refs=[f"T-2026-{n:06d}" for n in range(10, 4000) if n % 5],
    )
