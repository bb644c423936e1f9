"""What people set about clients and contracts: where transfers go, and within how many days."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from webapp.claims.accounts import masked
from webapp.claims.actions.parties import due_again, set_changed
from webapp.claims.events import Changes, ClientEdited, ContractEdited
from webapp.claims.forms import ClientForm, ContractForm
from webapp.claims.models import Client, Contract
from webapp.core.errors import Conflict
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor


def edit_client(client: Client, form: ClientForm, *, actor: Actor) -> Event | None:
    """Set the account and the delay of `client` (locked by the caller). None when nothing is new.

    Orders that were exported keep the account that stands in their file. Raises Conflict for a stale form.
    """
    changes = _edited(client, form)
    if not changes:
        return None
    if "iban" in changes:
        changes["iban"] = [masked(each or "") for each in changes["iban"]]
    return record(
        ClientEdited(subject_id=client.id, name=client.name, changes=changes), actor=actor
    )


def edit_contract(contract: Contract, form: ContractForm, *, actor: Actor) -> Event | None:
    """As `edit_client`, of a contract's own delay."""
    changes = _edited(contract, form)
    if not changes:
        return None
    fact = ContractEdited(
        subject_id=contract.id,
        number=contract.number,
        client=contract.client.name,
        changes=changes,
    )
    return record(fact, actor=actor)


def _edited(row: Client | Contract, form: ClientForm | ContractForm) -> Changes:
    values: dict[str, Any] = form.model_dump()
    if values.pop("version") != row.version:
        raise Conflict(
            gettext(
                "Meanwhile somebody else changed this. Yours was not saved: compare it with what is there now, "
                "then save it again."
            )
        )
    changes = set_changed(row, values)
    if "payment_days" in changes:
        due_again(client_id=row.id if isinstance(row, Client) else row.client_id)
    return changes
