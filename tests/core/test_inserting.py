"""Many rows at once come out as they went in, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.core import db
from webapp.core.among import among
from webapp.core.inserting import COPIED_FROM, WrittenJson, insert_rows
from webapp.events.models import Event

AT = datetime(2026, 11, 28, 8, 30, 15, 250_000, tzinfo=UTC)
ODD = [
    "",
    "plain",
    "a\tb",
    "line\nline\r\n",
    "C:\\new\\table",
    "\\N",
    "\\.",
    "NULL",
    "ñandú 🏮",
    "\x1f\x1e",
    'said "so", twice',
]


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": n + 1,
            "actor_name": ODD[n % len(ODD)],
            "actor_id": None if n % 3 else n,
            "data": {"said": ODD[n % len(ODD)], "n": n},
            "internal": n % 2 == 0,
        }
        for n in range(count)
    ]


def store(given: list[dict[str, Any]]) -> None:
    with db.transaction():
        insert_rows(
            Event, given, at=AT, type="x.y", actor_kind="user", subject_kind="ticket", subject_id=1
        )


def found(*where: Any) -> list[dict[str, Any]]:
    columns = (Event.id, Event.actor_name, Event.actor_id, Event.data, Event.internal)
    query = select(*columns).where(*where).order_by(Event.id)
    return [dict(row) for row in db.session().execute(query).mappings()]


@pytest.mark.parametrize("count", [COPIED_FROM - 1, COPIED_FROM + 1])
def test_rows_come_out_as_they_went_in(session: Session, count: int) -> None:
    given = rows(count)
    store(given)

    assert found() == given
    assert set(db.session().scalars(select(Event.at))) == {AT}


def test_json_that_is_written_already_is_taken_as_it_is(session: Session) -> None:
    given = rows(COPIED_FROM)
    store([{**row, "data": WrittenJson(db.to_json_text(row["data"]))} for row in given])

    assert found() == given


def test_one_row_that_the_database_refuses_refuses_all(session: Session) -> None:
    given = rows(COPIED_FROM)
    with pytest.raises(DBAPIError) as refused:
        store([*given, {**given[0], "actor_name": "Somebody's name"}])

    assert "Somebody" not in str(refused.value)
    assert found() == []


def test_many_values_are_asked_for_at_once(session: Session) -> None:
    given = rows(COPIED_FROM)
    store(given)

    for odd in (ODD[:3], ODD[4:6], ODD):
        assert found(among(Event.actor_name, odd)) == [r for r in given if r["actor_name"] in odd]
    assert [row["id"] for row in found(among(Event.id, [2, 7]))] == [2, 7]
    assert found(among(Event.id, [])) == []
