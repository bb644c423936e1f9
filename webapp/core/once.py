"""What is sent twice is done once: a form or a device makes a key of its own for each thing that it sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from flask_babel import gettext
from sqlalchemy import CursorResult, delete, select
from sqlalchemy.exc import IntegrityError

from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.models import Receipt

Row = TypeVar("Row", bound=db.Base)
KEPT = timedelta(days=180)  # a device may lie in a drawer


def once(
    kind: type[Row], key: str | None, *, make: Callable[[], Row], by: str = "submission_key"
) -> tuple[Row, bool]:
    """The row that `key` already made, or a new one flushed to the database; and whether it is new.

    `by`: the unique column that holds the key. Two transactions may carry one key at the same moment: the unique
    index lets one through, and the other finds the first one's row.
    """
    if key is None:
        return _added(make()), True
    found = _made_by(kind, key, by)
    if found is not None:
        return found, False
    try:
        with db.session().begin_nested():
            return _added(make()), True
    except IntegrityError:
        found = _made_by(kind, key, by)
        if found is None:
            raise
        return found, False


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


def _made_by(kind: type[Row], key: str, by: str) -> Row | None:
    column: Any = getattr(kind, by)
    return db.session().scalar(select(kind).where(column == key))


def _added(row: Row) -> Row:
    db.session().add(row)
    db.session().flush()
    return row
