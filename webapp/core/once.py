"""What is sent twice is done once: a form or a device makes a key of its own for each thing that it sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any, TypeVar, cast

from flask_babel import gettext
from sqlalchemy import CursorResult, delete, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from webapp.core import clock, db
from webapp.core.entities import holds
from webapp.core.errors import Conflict
from webapp.core.inserting import insert_unless
from webapp.core.models import Receipt

Row = TypeVar("Row", bound=db.Base)
KEPT = timedelta(days=180)  # a device may lie in a drawer


def once(
    kind: type[Row], key: str | None, *, make: Callable[[], Row], by: str = "submission_key"
) -> tuple[Row, bool]:
    """The row that `key` already made, or a new one that stands in the database; and whether it is new.

    `by`: the unique column that holds the key. Two transactions may carry one key at the same moment: the unique
    index lets one through, and the other finds the first one's row. `make`: a row of columns alone, what it is tied to
    by key. It is also made where it is not needed then.
    """
    row = make()
    if key is None:
        return _added(row), True
    if _stands_now(row, by):
        return row, True
    column: Any = getattr(kind, by)
    return db.session().scalars(select(kind).where(column == key)).one(), False


def with_receipt(
    client_id: str | None, *, person_id: int, deed: str, do: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What `do` gave, now or when the same person sent `client_id` before; then nothing is done.

    `do` runs in the caller's transaction, and so does the receipt: both stand, or neither. Raises Conflict where the
    key was used for another deed.
    """
    if client_id is None:
        return do()
    receipt, is_new = _receipt(client_id, person_id, deed)
    if is_new:
        receipt.result = do()
    elif receipt.deed != deed:
        raise Conflict(
            gettext(
                "You changed this already, on another page or device. Look at it again, then repeat your change."
            )
        )
    return receipt.result


def receipt_of(client_id: str, *, person_id: int) -> Receipt | None:
    query = select(Receipt).where(Receipt.person_id == person_id, Receipt.client_id == client_id)
    return db.session().scalar(query)


def forget_receipts() -> int:
    """Let go of those that no device will ask for any more; how many."""
    with db.transaction() as session:
        old = delete(Receipt).where(Receipt.created_at < clock.now() - KEPT)
        return cast("CursorResult[Any]", session.execute(old)).rowcount


def _receipt(client_id: str, person_id: int, deed: str) -> tuple[Receipt, bool]:
    """The receipt comes before the deed, so that a second sender waits for the first at the unique index."""
    found = receipt_of(client_id, person_id=person_id)
    if found is not None:
        return found, False
    made = Receipt(
        person_id=person_id, client_id=client_id, deed=deed, result={}, created_at=clock.now()
    )
    try:
        with db.session().begin_nested():
            return _added(made), True
    except IntegrityError:
        found = receipt_of(client_id, person_id=person_id)
        if found is None:
            raise
        return found, False


def _stands_now(row: db.Base, by: str) -> bool:
    """Whether it could be written: in one statement, where the session would ask first, set a mark to go back to,
    write, and take the mark away. From then on the session knows it as one that it wrote itself."""
    kind, given = type(row), row.__dict__
    columns, lists = _columns_of(kind), _lists_of(kind)
    if extra := given.keys() - columns.keys() - {"_sa_instance_state"}:
        raise TypeError(f"{kind.__name__} is made of columns alone, not of {', '.join(extra)}.")
    values = {
        name: given[name] if usual is None or name in given else usual()
        for name, usual in columns.items()
        if usual is not None or name in given
    }
    key = insert_unless(kind, values, by)
    if key is None:
        return False
    holds(row, {**dict.fromkeys(columns), **values, "id": key})
    for name in lists:
        set_committed_value(row, name, [])
    return True


@cache
def _columns_of(kind: type[db.Base]) -> dict[str, Callable[[], Any] | None]:
    """Each column, and what makes its value where nothing was said; None where it stays empty then."""
    return {each.key: _usual(each.columns[0]) for each in inspect(kind).column_attrs}


def _usual(column: Any) -> Callable[[], Any] | None:
    default = column.default
    if default is None:
        return None
    return partial(default.arg, None) if default.is_callable else lambda: default.arg


@cache
def _lists_of(kind: type[db.Base]) -> list[str]:
    """What others tie to it: nothing, while it is new."""
    return [each.key for each in inspect(kind).relationships if each.uselist]


def _added(row: Row) -> Row:
    db.session().add(row)
    db.session().flush()
    return row
