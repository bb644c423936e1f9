"""Clients and contracts as upstreams name them: found by their natural key, made where missing, kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from webapp.claims.duplicates import same_number
from webapp.claims.events import (
    Changes,
    ClientCreated,
    ClientEdited,
    ContractCreated,
    ContractEdited,
)
from webapp.claims.models import Bordereau, Client, Contract
from webapp.claims.states import BORDEREAU_OPEN
from webapp.claims.totals import due_on
from webapp.claims.values import BordereauValues
from webapp.core import clock, db
from webapp.core.inserting import insert_new
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.values import as_text

# field of BordereauValues → column
CLIENT_FIELDS = {
    "client_code": "code",
    "client_name": "name",
    "client_email": "email",
    "client_phone": "phone",
    "client_address": "address",
    "client_payment_days": "payment_days",
    "client_complaint_days": "complaint_days",
}
CONTRACT_FIELDS = {
    "contract_starts_on": "starts_on",
    "contract_ends_on": "ends_on",
    "contract_ceiling": "ceiling",
}


def natural_key(values: BordereauValues) -> str:
    """What tells this client from all others."""
    if values.client_code:
        return f"code:{same_number(values.client_code) or values.client_code}"
    return f"name:{' '.join(values.client_name.casefold().split())}"


def clients_of(values: Sequence[BordereauValues], *, actor: Actor) -> dict[str, Client]:
    """natural key → client, of all that are named; the last word on each counts."""
    latest = {natural_key(each): each for each in values}
    session, now = db.session(), clock.now()
    known = set(session.scalars(select(Client.natural_key).where(Client.natural_key.in_(latest))))
    missing = [key for key in latest if key not in known]
    if missing:
        insert_new(Client, [_client_row(key, latest[key], now) for key in missing])
    found = session.scalars(
        select(Client).where(Client.natural_key.in_(latest)).order_by(Client.id).with_for_update()
    ).all()
    for client in found:
        if client.natural_key in missing:
            record(ClientCreated(subject_id=client.id, name=client.name), actor=actor)
        update_client(client, latest[client.natural_key], actor=actor)
    return {client.natural_key: client for client in found}


def contracts_of(
    values: Sequence[BordereauValues], clients: dict[str, Client], *, actor: Actor
) -> dict[tuple[int, str], Contract]:
    """(client's key, number) → contract, of all that are named."""
    latest = {
        (clients[natural_key(each)].id, each.contract_number): each
        for each in values
        if each.contract_number
    }
    if not latest:
        return {}
    session, now = db.session(), clock.now()
    wanted = Contract.client_id.in_({client_id for client_id, _ in latest})
    known = {(c.client_id, c.number) for c in session.scalars(select(Contract).where(wanted))}
    missing = [key for key in latest if key not in known]
    if missing:
        rows = [_contract_row(key, latest[key], now) for key in missing]
        insert_new(Contract, rows)
    names = {client.id: client.name for client in clients.values()}
    found: dict[tuple[int, str], Contract] = {}
    for contract in session.scalars(
        select(Contract).where(wanted).order_by(Contract.id).with_for_update()
    ).all():
        key = (contract.client_id, contract.number)
        if key not in latest:
            continue
        found[key] = contract
        if key in missing:
            record(
                ContractCreated(
                    subject_id=contract.id, number=contract.number, client=names[contract.client_id]
                ),
                actor=actor,
            )
        update_contract(contract, latest[key], client=names[contract.client_id], actor=actor)
    return found


def update_client(client: Client, values: BordereauValues, *, actor: Actor) -> None:
    changes = set_changed(client, _given(values, CLIENT_FIELDS))
    if changes:
        if "payment_days" in changes:
            due_again(client_id=client.id)
        record(ClientEdited(subject_id=client.id, name=client.name, changes=changes), actor=actor)


def update_contract(
    contract: Contract, values: BordereauValues, *, client: str, actor: Actor
) -> None:
    changes = set_changed(contract, _given(values, CONTRACT_FIELDS))
    if changes:
        fact = ContractEdited(
            subject_id=contract.id, number=contract.number, client=client, changes=changes
        )
        record(fact, actor=actor)


def due_again(*, client_id: int) -> None:
    """A delay changed: the days by which this client's open bordereaux are to be paid follow."""
    session = db.session()
    session.flush()
    rows = session.execute(
        select(
            Bordereau.id,
            Bordereau.received_on,
            Bordereau.payment_days,
            Contract.payment_days,
            Client.payment_days,
        )
        .join(Client, Client.id == Bordereau.client_id)
        .outerjoin(Contract, Contract.id == Bordereau.contract_id)
        .where(Bordereau.client_id == client_id, Bordereau.status.in_(BORDEREAU_OPEN))
    ).all()
    for bordereau_id, received_on, *delays in rows:
        session.execute(
            update(Bordereau)
            .where(Bordereau.id == bordereau_id)
            .values(due_on=due_on(received_on, *delays))
        )


def due_on_of(
    received_on: date, payment_days: int | None, contract: Contract | None, client: Client
) -> date:
    return due_on(
        received_on,
        payment_days,
        contract.payment_days if contract else None,
        client.payment_days,
    )


def _given(values: BordereauValues, fields: dict[str, str]) -> dict[str, Any]:
    """What the upstream says about a party. An empty word of its does not wipe what is known."""
    given = values.given()
    return {
        column: given[name]
        for name, column in fields.items()
        if name in given and given[name] not in (None, "")
    }


def set_changed(row: Client | Contract, values: dict[str, Any]) -> Changes:
    """Write what differs, and tell it: column → [old, new]."""
    changes: Changes = {}
    for column, new in values.items():
        old = getattr(row, column)
        if old != new:
            setattr(row, column, new)
            changes[column] = [_text(old), _text(new)]
    if changes:
        row.updated_at = clock.now()
        db.session().flush()
    return changes


def _text(value: Any) -> str | None:
    return as_text(value) if value is None or isinstance(value, str | datetime) else str(value)


def _client_row(key: str, values: BordereauValues, now: datetime) -> dict[str, Any]:
    given = {column: getattr(values, name) for name, column in CLIENT_FIELDS.items()}
    given["name"] = given["name"] or values.client_code
    return {
        "natural_key": key,
        **given,
        "account_holder": "",
        "iban": "",
        "bic": "",
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _contract_row(key: tuple[int, str], values: BordereauValues, now: datetime) -> dict[str, Any]:
    given = {column: getattr(values, name) for name, column in CONTRACT_FIELDS.items()}
    return {
        "client_id": key[0],
        "number": key[1],
        **given,
        "currency": "TND",
        "payment_days": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
