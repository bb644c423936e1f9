"""Bulletins, as sync sees them: with their items, their payment here and there, and the complaints about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import format_decimal, ngettext

from webapp.claims import queries, words
from webapp.claims.actions import (
    enable_claims,
    import_bulletins,
    move_bulletin,
    update_bulletin_from_upstream,
)
from webapp.claims.events import (
    BulletinEdited,
    BulletinStatusChanged,
    ComplaintMoved,
    PaymentStateChanged,
)
from webapp.claims.models import Bulletin
from webapp.claims.states import BULLETIN_STATUSES, PAID, PAYMENT_STATES, REJECTED, RELATIONS
from webapp.claims.values import BulletinValues
from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.sync import merge
from webapp.sync.subjects.rows import STATUS, Rows
from webapp.sync.subjects.subject import Face
from webapp.sync.values import Canonical, exactly

ITEMS, COMPLAINT = "items", "complaint"
PAYMENT = ("payment_status", "payment_amount", "payment_on", "payment_reference", "payment_by")
_ORIGIN = ("source", "source_name", "bordereau_id")
_OURS = (*PAYMENT, COMPLAINT)


class BulletinSubject(Rows[Bulletin]):
    model, reported, number = Bulletin, Bulletin.created_at, Bulletin.number
    kind = "bulletin"
    additive: frozenset[str] = frozenset()
    personal = frozenset(
        {
            "member_name",
            "member_number",
            "beneficiary_name",
            "beneficiary_born_on",
            "rejection_text",
            "items",
        }
    )

    def connected(self, *, actor: Actor) -> None:
        """The claim side stands open."""
        enable_claims(actor=actor)

    def check(self, fields: Mapping[str, Any]) -> BulletinValues:
        return BulletinValues.model_validate(dict(fields))

    def check_new(
        self,
        fields: Mapping[str, Any],
        *,
        source: str,
        source_name: str,
        external_id: str,
        parent: int | None = None,
    ) -> BulletinValues:
        origin = {"source": source, "source_name": source_name, "bordereau_id": parent or 0}
        return self.check({**fields, **origin})

    def canonical(self, checked: BulletinValues) -> Canonical:
        return {
            name: _plain(value) for name, value in checked.given().items() if name not in _ORIGIN
        }

    def began_as(self, checked: BulletinValues) -> Canonical:
        return {STATUS: checked.status, **self.canonical(checked)}

    def reported_at(self, checked: BulletinValues) -> datetime | None:
        return None

    def is_open(self, fields: Mapping[str, Any]) -> bool:
        return fields.get(STATUS) not in (PAID, REJECTED)

    def create(self, checked: Sequence[BulletinValues], *, actor: Actor) -> list[int]:
        return import_bulletins(checked, actor=actor)

    def present(self, local: Bulletin, fields: Sequence[str]) -> Canonical:
        found = {
            name: _plain(local.items if name == ITEMS else getattr(local, name))
            for name in fields
            if name not in _OURS
        }
        if any(name in PAYMENT for name in fields):
            found |= {name: value for name, value in _payment(local).items() if name in fields}
        if COMPLAINT in fields:
            found[COMPLAINT] = _complaint(local)
        return found

    def update(self, local: Bulletin, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
        names = [name for name in BulletinValues.model_fields if name not in _ORIGIN]
        checked = self.check({**self.present(local, names), **values})
        return update_bulletin_from_upstream(local, values=checked, taken=list(values), actor=actor)

    def move(self, local: Bulletin, parent: int, *, actor: Actor) -> None:
        move_bulletin(local, parent, actor=actor)

    def usual_owner(self, local: Bulletin, field: str) -> str:
        """Amounts and items are the upstream's; validation and payment ours, once somebody here decided."""
        if field in _OURS:
            return merge.LOCAL
        if field == STATUS and (local.status_is_ours or queries.live_payment(local.id) is not None):
            return merge.LOCAL
        return merge.UPSTREAM

    def fact_types(self, field: str = "") -> tuple[str, ...]:
        if field == STATUS:
            return (BulletinStatusChanged.type,)
        if field in PAYMENT:
            return (PaymentStateChanged.type,)
        if field == COMPLAINT:
            return (ComplaintMoved.type,)
        if field:
            return (BulletinEdited.type,)
        return (
            BulletinStatusChanged.type,
            PaymentStateChanged.type,
            ComplaintMoved.type,
            BulletinEdited.type,
        )

    def changed_in(self, event: Event) -> Sequence[str]:
        """That a payment made it paid is told by the payment."""
        if event.type == BulletinStatusChanged.type:
            return () if event.data.get("new") == PAID else (STATUS,)
        if event.type == PaymentStateChanged.type:
            return PAYMENT
        if event.type == ComplaintMoved.type:
            return (COMPLAINT,)
        return list(event.data.get("changes") or ()) if event.type == BulletinEdited.type else ()

    def face(self, local: Bulletin) -> Face:
        values = {"bulletin_id": local.id}
        return Face(local.number, local.bordereau.reference, "claims.show_bulletin", values)

    def counted(self, number: int) -> str:
        n = format_decimal(number)
        return str(ngettext("%(n)s bulletin", "%(n)s bulletins", number, n=n))

    def label(self, field: str) -> str:
        word = words.claim_field(field)
        return word[:1].upper() + word[1:]

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        if field == "beneficiary_relation":
            return [(each, words.relation_word(each)) for each in RELATIONS]
        known = {STATUS: BULLETIN_STATUSES, "payment_status": PAYMENT_STATES}.get(field, ())
        return [(each, words.status_word(each)) for each in known]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        names = ("code", "label", "provider", "amount", "reimbursed")
        return [{name: exactly(getattr(each, name)) for name in names} for each in value]
    return exactly(value)


def _payment(local: Bulletin) -> Canonical:
    """Of our latest payment. Where the upstream says that it is paid, that is how it stands, whatever ours says."""
    payment = queries.latest_payment(local.id)
    if payment is None:
        return dict.fromkeys(PAYMENT) | {"payment_status": local.external_payment}
    paid_there = local.external_payment == PAID
    return {
        "payment_status": PAID if paid_there else payment.state,
        "payment_amount": exactly(payment.amount),
        "payment_on": exactly(payment.paid_on),
        "payment_reference": payment.batch.reference or "",
        "payment_by": payment.processed_by,
    }


def _complaint(local: Bulletin) -> str:
    """The newest complaint about it and how it stands; "" where there is none."""
    ticket = queries.latest_complaint(local.id)
    return f"{ticket.ref}: {ticket.status}" if ticket is not None else ""


BULLETIN = BulletinSubject()
