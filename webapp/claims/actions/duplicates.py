"""Bulletins that may be one and the same claim: found as they come in, decided by a person (T3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select

from webapp.claims import duplicates, queries
from webapp.claims.events import DuplicateDecided, DuplicateFound
from webapp.claims.models import Bulletin, DuplicatePair
from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid
from webapp.core.inserting import insert_new
from webapp.events.record import record, record_many
from webapp.events.types import Actor

MOST_PAIRS = 20  # of one bulletin; beyond them a number is no number but a placeholder

_Row = Any  # id, number, number_key, care_key


def find_duplicates(ids: Collection[int], *, actor: Actor) -> int:
    """Flag what these bulletins may be doubles of; how many pairs are new. Pairs that are known stay as decided."""
    session = db.session()
    session.flush()
    columns = (Bulletin.id, Bulletin.number, Bulletin.number_key, Bulletin.care_key)
    fresh = session.execute(select(*columns).where(Bulletin.id.in_(ids))).all()
    numbers = {row.number_key for row in fresh if row.number_key}
    cares = {row.care_key for row in fresh if row.care_key}
    if not numbers and not cares:
        return 0
    alike = session.execute(
        select(*columns)
        .where(or_(Bulletin.number_key.in_(numbers), Bulletin.care_key.in_(cares)))
        .order_by(Bulletin.id)
    ).all()
    if len(alike) == len(fresh) == len(numbers) == len(cares):
        return 0  # as nearly always: each stands for itself
    return _keep(dict(_pairs(fresh, alike)), {row.id: row.number for row in alike}, actor=actor)


def decide_duplicate(pair: DuplicatePair, *, decision: str, note: str = "", actor: Actor) -> None:
    """`decision`: duplicates.DIFFERENT, FIRST or SECOND. May be changed; each decision stands in the history.

    Raises Conflict where the one that would be the duplicate is in a payment.
    """
    if decision not in duplicates.DECISIONS or not decision:
        raise Invalid(
            gettext("Choose what they are to each other."),
            fields={"decision": gettext("Please choose one of the list.")},
        )
    if decision == pair.decision:
        return
    if decision != duplicates.DIFFERENT:
        _check_unpaid(pair.first if decision == duplicates.FIRST else pair.second)
    pair.decision, pair.note = decision, note
    pair.decided_by, pair.decided_at = actor.name, clock.now()
    db.session().flush()
    for bulletin, other, own in (
        (pair.first, pair.second, duplicates.FIRST),
        (pair.second, pair.first, duplicates.SECOND),
    ):
        said = decision
        if decision != duplicates.DIFFERENT:
            said = "self" if decision == own else "other"
        fact = DuplicateDecided(
            subject_id=bulletin.id,
            ref=bulletin.number,
            pair_id=pair.id,
            other=other.number,
            decision=said,
            note=note,
        )
        record(fact, actor=actor)


def _pairs(fresh: Sequence[_Row], alike: Sequence[_Row]) -> Iterator[tuple[tuple[int, int], str]]:
    """((lower id, higher id), why); the same number weighs more than the same care, so it comes last."""
    for why, column in (
        (duplicates.SAME_CARE, "care_key"),
        (duplicates.SAME_NUMBER, "number_key"),
    ):
        groups: dict[str, list[int]] = {}
        for row in alike:
            groups.setdefault(getattr(row, column), []).append(row.id)
        for row in fresh:
            key = getattr(row, column)
            others = [other for other in groups.get(key, ()) if other != row.id] if key else []
            for other in others[-MOST_PAIRS:]:
                yield (min(row.id, other), max(row.id, other)), why


def _keep(pairs: dict[tuple[int, int], str], numbers: dict[int, str], *, actor: Actor) -> int:
    if not pairs:
        return 0
    now = clock.now()
    known = _known(pairs)
    rows = [
        {
            "first_id": first,
            "second_id": second,
            "why": why,
            "decision": "",
            "decided_by": "",
            "note": "",
            "found_at": now,
        }
        for (first, second), why in pairs.items()
        if (first, second) not in known
    ]
    if not rows:
        return 0
    insert_new(DuplicatePair, rows)
    made = {pair: pair_id for pair, pair_id in _known(pairs).items() if pair not in known}
    facts = [
        DuplicateFound(
            subject_id=second,
            ref=numbers[second],
            pair_id=pair_id,
            other=numbers[first],
            why=pairs[first, second],
        )
        for (first, second), pair_id in sorted(made.items())
    ]
    record_many(facts, actor=actor)
    return len(facts)


def _known(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    found = db.session().execute(
        select(DuplicatePair.first_id, DuplicatePair.second_id, DuplicatePair.id).where(
            DuplicatePair.second_id.in_({second for _, second in pairs})
        )
    )
    return {
        (first, second): pair_id for first, second, pair_id in found if (first, second) in pairs
    }


def _check_unpaid(bulletin: Bulletin) -> None:
    if queries.live_payment(bulletin.id) is not None:
        raise Conflict(
            gettext(
                "%(number)s is in a payment: take it out of the payment before you call it a duplicate.",
                number=bulletin.number,
            )
        )
