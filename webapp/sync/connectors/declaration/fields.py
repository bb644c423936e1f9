"""Which of their values becomes which of ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from webapp.sync.connectors.declaration.part import Name, Part, Paths

# What a mapping may fill, by target; with each text field its longest length in characters.
TARGET_FIELDS: dict[str, dict[str, int | None]] = {
    "ticket": {
        "title": 300,
        "description": 100_000,
        "category": 200,
        "refined_category": 200,
        "barangay": 200,
        "place": 2_000,
        "lat": None,
        "lng": None,
        "reporter_name": 200,
        "reporter_phone": 60,
        "reporter_email": 254,
        "external_status": 200,
        "status": 40,
        "source_url": 2_000,
        "reported_at": None,
        "attachments": None,
    },
    "bordereau": {
        "reference": 80,
        "client_code": 80,
        "client_name": 200,
        "client_email": 254,
        "client_phone": 60,
        "client_address": 1_000,
        "client_payment_days": None,
        "client_complaint_days": None,
        "contract_number": 80,
        "contract_starts_on": None,
        "contract_ends_on": None,
        "contract_ceiling": None,
        "provider": 200,
        "received_on": None,
        "payment_days": None,
        "status": 40,
        "external_status": 200,
        "bulletin_count": None,
        "total": None,
    },
    "bulletin": {
        "number": 80,
        "member_number": 80,
        "member_name": 200,
        "beneficiary_relation": 20,
        "beneficiary_name": 200,
        "beneficiary_born_on": None,
        "care_date": None,
        "status": 40,
        "external_status": 200,
        "rejection_text": 2_000,
        "total": None,
        "items": None,
        "payment_status": 40,
        "payment_amount": None,
        "payment_on": None,
        "payment_reference": 80,
        "payment_by": 200,
        "complaint": 300,
    },
}


# Of those, what is ours alone: it can be sent and not be filled.
ONLY_SENT: dict[str, frozenset[str]] = {"bulletin": frozenset({"payment_by", "complaint"})}


class TransformUse(Part):
    name: str
    args: dict[str, Any] = Field(default_factory=dict)


def _as_use(value: Any) -> Any:
    """`text`, `{truncate: {length: 80}}` → {name, args}."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict) and len(value) == 1:
        name, args = next(iter(value.items()))
        return {"name": name, "args": args if args is not None else {}}
    return value


Owner = Literal["upstream", "ours", "newest", "ask"]


class FieldRule(Part):
    """`from`: the first of these paths that holds something is taken; with `join`, all are joined.

    `owner` decides where both sides have changed the field; without one, the upstream does (of the status:
    whoever has last set it here). `nullable` false: their null or empty value leaves ours as it is.
    """

    from_: Paths = Field(alias="from")
    transforms: tuple[Annotated[TransformUse, BeforeValidator(_as_use)], ...] = ()
    values: Name | None = None
    join: str | None = None
    required: bool = False
    nullable: bool = True
    owner: Owner | None = None
    on_error: Literal["quarantine", "warn"] = "quarantine"


def _as_rule(value: Any) -> Any:
    return {"from": value} if isinstance(value, str | tuple) else value


Rule = Annotated[FieldRule, BeforeValidator(_as_rule)]


class Deleted(Part):
    """A record counts as withdrawn when the value at `path` is true, or one of `equals`."""

    path: str
    equals: tuple[str, ...] = ()


class RecordRule(Part):
    """Where a record keeps what identifies and dates it. `expects`: paths that tell this shape apart."""

    id: Paths
    version: str | None = None
    updated_at: Rule | None = None
    created_at: Rule | None = None
    deleted: Annotated[
        Deleted | None, BeforeValidator(lambda v: {"path": v} if isinstance(v, str) else v)
    ] = None
    expects: tuple[str, ...] = ()
    volatile: tuple[
        str, ...
    ] = ()  # raw paths that change by themselves; left out of what is compared


class ValueMap(Part):
    """`in`: their value → ours. `out`: ours → theirs. What stands in neither is kept and listed."""

    in_: dict[str, str] = Field(alias="in")
    out: dict[str, str] = Field(default_factory=dict)
    ignore_case: bool = True

    @model_validator(mode="after")
    def _unambiguous(self) -> ValueMap:
        if self.ignore_case and len({key.casefold() for key in self.in_}) < len(self.in_):
            raise ValueError("two values under `in` differ in upper and lower case only")
        return self
