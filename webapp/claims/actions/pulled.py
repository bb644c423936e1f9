"""Bordereaux and bulletins that live at an upstream: made in bulk, kept in step one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.claims import totals
from webapp.claims.actions.deriving import settle_bordereau, settle_bordereaux
from webapp.claims.actions.duplicates import find_duplicates
from webapp.claims.actions.parties import (
    CLIENT_FIELDS,
    CONTRACT_FIELDS,
    clients_of,
    contracts_of,
    due_on_of,
    natural_key,
)
from webapp.claims.duplicates import care_key, same_number
from webapp.claims.events import BordereauCreated, BordereauEdited, BulletinCreated, Changes
from webapp.claims.models import Bordereau, Bulletin, BulletinItem, Payment
from webapp.claims.states import DECIDED, PAID, REJECTED, VALIDATED
from webapp.claims.values import BordereauValues, BulletinValues
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.inserting import insert_rows
from webapp.core.money import USUAL
from webapp.events.record import record, record_many
from webapp.events.types import Actor

# What an upstream says of a bulletin that is no column of it.
_NO_COLUMNS = frozenset(
    {"items", "payment_status", "payment_amount", "payment_on", "payment_reference"}
)


def import_bordereaux(values: Sequence[BordereauValues], *, actor: Actor) -> list[int]:
    """One new bordereau for each of `values`, in their order; their keys. Clients and contracts that are missing
    are made, known ones brought up to date."""
    if not values:
        return []
    now = clock.now()
    clients = clients_of(values, actor=actor)
    contracts = contracts_of(values, clients, actor=actor)
    ids = db.reserve_ids(Bordereau, len(values))
    rows, facts = [], []
    for each, bordereau_id in zip(values, ids, strict=True):
        client = clients[natural_key(each)]
        contract = contracts.get((client.id, each.contract_number))
        rows.append(
            {
                **_own(each),
                "id": bordereau_id,
                "client_id": client.id,
                "contract_id": contract.id if contract else None,
                "due_on": due_on_of(each.received_on, each.payment_days, contract, client),
                "currency": USUAL,
                "created_at": now,
                "updated_at": now,
            }
        )
        facts.append(
            BordereauCreated(subject_id=bordereau_id, ref=each.reference, client=client.name)
        )
    insert_rows(Bordereau, rows)
    record_many(facts, actor=actor)
    return ids


def import_bulletins(values: Sequence[BulletinValues], *, actor: Actor) -> list[int]:
    """One new bulletin for each of `values`, in the bordereau that it names; their keys. Duplicates are flagged, and
    the bordereaux' statuses follow."""
    if not values:
        return []
    bordereau_ids = [each.bordereau_id for each in values]
    now = clock.now()
    parents = {
        row.id: row
        for row in db.session().scalars(
            select(Bordereau).where(Bordereau.id.in_(set(bordereau_ids)))
        )
    }
    ids = db.reserve_ids(Bulletin, len(values))
    rows, items, facts = [], [], []
    for each, bulletin_id, parent_id in zip(values, ids, bordereau_ids, strict=True):
        parent = parents[parent_id]
        rows.append(_bulletin_row(each, bulletin_id, parent, now))
        items += item_rows(each, bulletin_id)
        facts.append(
            BulletinCreated(subject_id=bulletin_id, ref=each.number, bordereau=parent.reference)
        )
    insert_rows(Bulletin, rows)
    insert_rows(BulletinItem, items)
    record_many(facts, actor=actor)
    find_duplicates(ids, actor=actor)
    settle_bordereaux(set(bordereau_ids), actor=actor)
    return ids


def update_bordereau_from_upstream(
    bordereau: Bordereau, *, values: BordereauValues, taken: Sequence[str], actor: Actor
) -> list[str]:
    """Take the fields `taken` of `values` (the caller decided which); gives those that changed."""
    changes: Changes = {}
    named = set(taken)
    if named & {*CLIENT_FIELDS, *CONTRACT_FIELDS, "contract_number"}:
        changes |= _move_to(bordereau, values, actor=actor)
    own = {name: value for name, value in _own(values).items() if name in named}
    status = own.pop("status", None)
    changes |= _set(bordereau, own)
    if {"received_on", "payment_days", "contract"} & set(changes):
        bordereau.due_on = due_on_of(
            bordereau.received_on, bordereau.payment_days, bordereau.contract, bordereau.client
        )
    changed = list(changes)
    if changes:
        bordereau.updated_at = clock.now()
        db.session().flush()
        fact = BordereauEdited(subject_id=bordereau.id, ref=bordereau.reference, changes=changes)
        record(fact, actor=actor)
    if status and settle_bordereau(bordereau, actor=actor, wanted=status):
        changed.append("status")
    return changed


def _move_to(bordereau: Bordereau, values: BordereauValues, *, actor: Actor) -> Changes:
    """Its client and contract brought up to date, or changed for others; its bulletins go with it."""
    client = next(iter(clients_of([values], actor=actor).values()))
    contracts = contracts_of([values], {natural_key(values): client}, actor=actor)
    contract = contracts.get((client.id, values.contract_number))
    changes: Changes = {}
    if client.id != bordereau.client_id:
        _check_unpaid(bordereau)
        changes["client"] = [bordereau.client.name, client.name]
        bordereau.client = client
        for bulletin in db.session().scalars(
            select(Bulletin).where(Bulletin.bordereau_id == bordereau.id).order_by(Bulletin.id)
        ):
            bulletin.client_id = client.id
    if contract is not None and contract.id != bordereau.contract_id:
        old = bordereau.contract.number if bordereau.contract else None
        changes["contract"] = [old, contract.number]
        bordereau.contract = contract
    return changes


def _check_unpaid(bordereau: Bordereau) -> None:
    """Raises Conflict where one of its bulletins is in a payment, whose money goes to the client that it has."""
    held = db.session().scalar(
        select(Bulletin.number)
        .join(Payment, Payment.bulletin_id == Bulletin.id)
        .where(Bulletin.bordereau_id == bordereau.id, Payment.state != REJECTED)
        .limit(1)
    )
    if held is not None:
        raise Conflict(
            gettext(
                "It was moved to another client, and %(number)s is in a payment to the present one.",
                number=held,
            )
        )


def _own(values: BordereauValues) -> dict[str, Any]:
    """The columns that are the bordereau's own, as an upstream fills them."""
    return {
        "reference": values.reference,
        "provider": values.provider,
        "received_on": values.received_on,
        "payment_days": values.payment_days,
        "status": values.status,
        "external_status": values.external_status,
        "bulletin_count": values.bulletin_count,
        "total": values.total,
        "source": values.source,
        "source_name": values.source_name,
    }


def _set(bordereau: Bordereau, own: Mapping[str, Any]) -> Changes:
    changes: Changes = {}
    for name, new in own.items():
        old = getattr(bordereau, name)
        if name not in ("source", "source_name") and old != new:
            setattr(bordereau, name, new)
            changes[name] = [None if old is None else str(old), None if new is None else str(new)]
    return changes


def _bulletin_row(
    values: BulletinValues, bulletin_id: int, parent: Bordereau, now: datetime
) -> dict[str, Any]:
    sums = totals.sums(values.items)
    agreed = values.status in (VALIDATED, PAID)
    return {
        **{name: value for name, value in values.__dict__.items() if name not in _NO_COLUMNS},
        "external_payment": values.payment_status,
        "id": bulletin_id,
        "bordereau_id": parent.id,
        "client_id": parent.client_id,
        "number_key": same_number(values.number),
        "items_total": sums.amount,
        "payable": sums.reimbursed,
        # What came validated was agreed to there, by nobody of ours.
        "validated_amount": sums.reimbursed if agreed else None,
        "validated_payable": sums.reimbursed if agreed else None,
        "decided_at": now if values.status in DECIDED else None,
        "care_key": care_key_of(values),
        "currency": parent.currency,
        "created_at": now,
        "updated_at": now,
    }


def item_rows(values: BulletinValues, bulletin_id: int) -> list[dict[str, Any]]:
    return [
        {"bulletin_id": bulletin_id, "position": position, **item.__dict__}
        for position, item in enumerate(values.items)
    ]


def care_key_of(values: BulletinValues) -> str:
    providers = [item.provider for item in values.items if item.provider]
    return care_key(values.member_number, values.care_date, providers, values.total)
