"""One bulletin brought in step with its upstream, field by field as the merge decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete

from webapp.claims import totals
from webapp.claims.actions.deriving import settle_bordereaux
from webapp.claims.actions.duplicates import find_duplicates
from webapp.claims.actions.moving import change_bulletin_status, check_no_payment
from webapp.claims.actions.pulled import care_key_of, item_rows
from webapp.claims.duplicates import same_number
from webapp.claims.events import BulletinEdited, Changes
from webapp.claims.models import Bordereau, Bulletin, BulletinItem
from webapp.claims.values import BulletinValues
from webapp.core import clock, db
from webapp.core.inserting import insert_rows
from webapp.core.money import as_text
from webapp.events.record import record
from webapp.events.types import Actor

# Not fields of the row, or not the upstream's to change afterwards.
_APART = (
    *("status", "items", "source", "source_name", "bordereau_id"),
    *("payment_status", "payment_amount", "payment_on", "payment_reference"),
)


def update_bulletin_from_upstream(
    bulletin: Bulletin, *, values: BulletinValues, taken: Sequence[str], actor: Actor
) -> list[str]:
    """Take the fields `taken` of `values` (the caller decided which); gives those that changed.

    Amounts that change after a validation stay to be seen (payability.CHANGED): nobody pays them unseen.
    Raises Conflict where the upstream's status would take a bulletin out of a live payment of ours.
    """
    changes = _set(bulletin, values, taken)
    if "items" in taken:
        changes |= _set_items(bulletin, values)
    if "payment_status" in taken and values.payment_status != bulletin.external_payment:
        changes["external_payment"] = [bulletin.external_payment, values.payment_status]
        bulletin.external_payment = values.payment_status
    changed = list(changes)
    if changes:
        bulletin.number_key = same_number(bulletin.number)
        bulletin.care_key = care_key_of(values)
        bulletin.updated_at = clock.now()
        db.session().flush()
        fact = BulletinEdited(subject_id=bulletin.id, ref=bulletin.number, changes=changes)
        record(fact, actor=actor)
        find_duplicates([bulletin.id], actor=actor)
    if "status" in taken:
        moved = change_bulletin_status(
            bulletin,
            status=values.status,
            rejection_text=values.rejection_text,
            actor=actor,
            from_upstream=True,
        )
        if moved:
            changed.append("status")
    return changed


def move_bulletin(bulletin: Bulletin, bordereau_id: int, *, actor: Actor) -> None:
    """It lies in another bordereau, and both bordereaux' statuses follow.

    Raises Conflict where that is another client's and a payment to the old one is under way.
    """
    session = db.session()
    old, new = bulletin.bordereau, session.get_one(Bordereau, bordereau_id)
    if old.id == new.id:
        return
    if old.client_id != new.client_id:
        check_no_payment(bulletin)
    bulletin.bordereau, bulletin.client_id = new, new.client_id
    bulletin.updated_at = clock.now()
    session.flush()
    changes: Changes = {"bordereau": [old.reference, new.reference]}
    fact = BulletinEdited(subject_id=bulletin.id, ref=bulletin.number, changes=changes)
    record(fact, actor=actor)
    settle_bordereaux({old.id, new.id}, actor=actor)


def _set(bulletin: Bulletin, values: BulletinValues, taken: Sequence[str]) -> Changes:
    changes: Changes = {}
    for name in taken:
        if name in _APART:
            continue
        old, new = getattr(bulletin, name), getattr(values, name)
        if old != new:
            setattr(bulletin, name, new)
            changes[name] = [_text(old), _text(new)]
    return changes


def _set_items(bulletin: Bulletin, values: BulletinValues) -> Changes:
    """Items have no names of their own: where one differs, all are written anew."""
    theirs = [tuple(item.__dict__.values()) for item in values.items]
    ours = [(i.code, i.label, i.provider, i.amount, i.reimbursed) for i in bulletin.items]
    if theirs == ours:
        return {}
    session = db.session()
    before = f"{len(ours)} · {as_text(bulletin.items_total)} · {as_text(bulletin.payable)}"
    session.execute(delete(BulletinItem).where(BulletinItem.bulletin_id == bulletin.id))
    session.expire(bulletin, ["items"])
    insert_rows(BulletinItem, item_rows(values, bulletin.id))
    sums = totals.sums(values.items)
    bulletin.items_total, bulletin.payable = sums.amount, sums.reimbursed
    after = f"{len(theirs)} · {as_text(sums.amount)} · {as_text(sums.reimbursed)}"
    return {"items": [before, after]}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)[:200]
