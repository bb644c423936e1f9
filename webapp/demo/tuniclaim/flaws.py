"""The flaws that the demo TUNICLAIM carries on purpose, for a desk to find (requirement T3)."""

from datetime import date, timedelta
from typing import Any

from webapp.demo.shelf import Record
from webapp.demo.tuniclaim.claims import Claims
from webapp.demo.tuniclaim.drawer import Bulletin
from webapp.demo.tuniclaim.exact import dinars, millimes

ABROAD = 4_250  # millimes by which a total differs from its items


def place_flaws(claims: Claims, made: list[Record]) -> None:
    """One total that is not the sum of its items, one bulletin twice, one care in the future.

    In the newest bordereaux, where all is still to be decided. Inside `shelf.writing()`.
    """
    if len(made) < 4:
        return
    newest = made[-4:]
    first = [claims.drawer.of(record.id)[0] for record in newest]
    _put(claims, newest[0], _miscounted(first[0]))
    _put(claims, newest[1], _in_future(first[1], claims.clock().date()))
    twin = {**first[2], "id": claims.drawer.next_id(0)}
    sender = {name: newest[2].body[name] for name in ("client", "contract")}
    _put(claims, newest[3], twin, **sender)


def _miscounted(bulletin: Bulletin) -> Bulletin:
    return {**bulletin, "total": dinars(millimes(bulletin["total"]) + ABROAD)}


def _in_future(bulletin: Bulletin, today: date) -> Bulletin:
    return {**bulletin, "careDate": (today + timedelta(days=60)).isoformat()}


def _put(claims: Claims, record: Record, bulletin: Bulletin, **fields: Any) -> None:
    claims.drawer.put(record.id, [bulletin])
    claims.touch(record, record.updated, recount=True, **fields)
