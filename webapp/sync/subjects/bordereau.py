"""Bordereaux, as sync sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from flask_babel import format_decimal, ngettext

from webapp.claims import words
from webapp.claims.actions import enable_claims, import_bordereaux, update_bordereau_from_upstream
from webapp.claims.events import BordereauEdited, BordereauStatusChanged
from webapp.claims.models import Bordereau
from webapp.claims.states import BORDEREAU_OPEN, BORDEREAU_STATUSES
from webapp.claims.values import BordereauValues
from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.sync import merge
from webapp.sync.subjects.rows import STATUS, Rows
from webapp.sync.subjects.subject import Face
from webapp.sync.values import Canonical, exactly

_ORIGIN = ("source", "source_name")
_CLIENT = ("name", "code", "email", "phone", "address", "payment_days", "complaint_days")
_CONTRACT = ("number", "starts_on", "ends_on", "ceiling")


class BordereauSubject(Rows[Bordereau]):
    model, reported, number = Bordereau, Bordereau.created_at, Bordereau.reference
    kind = "bordereau"
    additive: frozenset[str] = frozenset()
    personal = frozenset({"client_email", "client_phone", "client_address"})

    def connected(self, *, actor: Actor) -> None:
        """The claim side stands open."""
        enable_claims(actor=actor)

    def check(self, fields: Mapping[str, Any]) -> BordereauValues:
        return BordereauValues.model_validate(dict(fields))

    def check_new(
        self,
        fields: Mapping[str, Any],
        *,
        source: str,
        source_name: str,
        external_id: str,
        parent: int | None = None,
    ) -> BordereauValues:
        return self.check({**fields, "source": source, "source_name": source_name})

    def canonical(self, checked: BordereauValues) -> Canonical:
        return {
            name: exactly(value) for name, value in checked.given().items() if name not in _ORIGIN
        }

    def began_as(self, checked: BordereauValues) -> Canonical:
        return {STATUS: checked.status, **self.canonical(checked)}

    def reported_at(self, checked: BordereauValues) -> datetime | None:
        return datetime.combine(checked.received_on, time(), UTC)

    def is_open(self, fields: Mapping[str, Any]) -> bool:
        return fields.get(STATUS, BORDEREAU_OPEN[0]) in BORDEREAU_OPEN

    def create(self, checked: Sequence[BordereauValues], *, actor: Actor) -> list[int]:
        return import_bordereaux(checked, actor=actor)

    def present(self, local: Bordereau, fields: Sequence[str]) -> Canonical:
        return {name: exactly(_value(local, name)) for name in fields}

    def update(self, local: Bordereau, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
        known = self.present(
            local, [name for name in BordereauValues.model_fields if name not in _ORIGIN]
        )
        checked = self.check({**known, **values})
        return update_bordereau_from_upstream(
            local, values=checked, taken=list(values), actor=actor
        )

    def move(self, local: Bordereau, parent: int, *, actor: Actor) -> None:
        """It belongs to nothing."""

    def usual_owner(self, local: Bordereau, field: str) -> str:
        """The status is ours once our own work has brought it about."""
        return merge.LOCAL if field == STATUS and local.status_is_ours else merge.UPSTREAM

    def fact_types(self, field: str = "") -> tuple[str, ...]:
        if not field:
            return (BordereauStatusChanged.type, BordereauEdited.type)
        return (BordereauStatusChanged.type,) if field == STATUS else (BordereauEdited.type,)

    def changed_in(self, event: Event) -> Sequence[str]:
        if event.type == BordereauStatusChanged.type:
            return (STATUS,)
        return list(event.data.get("changes") or ()) if event.type == BordereauEdited.type else ()

    def face(self, local: Bordereau) -> Face:
        values = {"bordereau_id": local.id}
        return Face(local.reference, local.client.name, "claims.show_bordereau", values)

    def counted(self, number: int) -> str:
        n = format_decimal(number)
        return str(ngettext("%(n)s bordereau", "%(n)s bordereaux", number, n=n))

    def label(self, field: str) -> str:
        word = words.claim_field(field)
        return word[:1].upper() + word[1:]

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        if field != STATUS:
            return ()
        return [(status, words.status_word(status)) for status in BORDEREAU_STATUSES]


def _value(local: Bordereau, field: str) -> Any:
    for prefix, party, names in (
        ("client_", local.client, _CLIENT),
        ("contract_", local.contract, _CONTRACT),
    ):
        own = field.removeprefix(prefix)
        if field.startswith(prefix) and own in names:
            return getattr(party, own) if party is not None else ""
    return getattr(local, field)


BORDEREAU = BordereauSubject()
