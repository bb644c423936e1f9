"""A whole declaration, and the checks that need more than one of its parts."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from webapp.sync.connectors.declaration.access import (
    Auth,
    ErrorCodes,
    ErrorRule,
    GetCall,
    ListCall,
    Whoami,
)
from webapp.sync.connectors.declaration.fields import (
    TARGET_FIELDS,
    FieldRule,
    RecordRule,
    Rule,
    ValueMap,
)
from webapp.sync.connectors.declaration.part import Name, Part
from webapp.sync.connectors.declaration.pushing import PushCall
from webapp.sync.connectors.transforms import build


class Option(Part):
    """A setting of the connection besides address and token; usable as {name} in templates."""

    name: Name
    label: str
    help: str = ""
    required: bool = False
    example: str = ""


class Secret(Part):
    label: str = "Token"
    help: str = ""
    required: bool = True


class Pacing(Part):
    requests_per_minute: int | None = Field(None, ge=1, le=60_000)


class Scopes(Part):
    pull: tuple[str, ...] = ()
    push: tuple[str, ...] = ()


class Shape(Part):
    """One way in which this kind of system has been seen to answer."""

    name: Name
    title: str
    format: Literal["json", "xml"] = "json"
    base_path: str = Field("", pattern=r"^(/[^\s?#]*[^\s?#/])?$")
    auth: tuple[Auth, ...] = Field(min_length=1)
    whoami: Whoami | None = None
    scopes: Scopes = Scopes()
    list: ListCall
    get: GetCall | None = None
    errors: tuple[ErrorRule, ...] = ()
    codes: ErrorCodes | None = None
    record: RecordRule
    fields: dict[Name, Rule]
    values: dict[Name, ValueMap] = Field(default_factory=dict)
    push: dict[Name, PushCall] = Field(default_factory=dict)

    def carrying(self, field: str) -> str:
        """The name of the call that takes our value of this field there; empty where none does."""
        return next((name for name, call in self.push.items() if field in call.fields), "")

    @model_validator(mode="after")
    def _consistent(self) -> Shape:
        rules: dict[str, FieldRule | None] = {
            **self.fields,
            "updated_at": self.record.updated_at,
            "created_at": self.record.created_at,
        }
        for name, rule in rules.items():
            if rule is not None:
                self._check_rule(name, rule)
        self._check_pushes()
        if self.get is not None and "{id}" not in self.get.path:
            raise ValueError("get.path must hold {id}")
        for option in self.list.incremental:
            if (
                option.kind == "created_window"
                and option.repoll == "ids"
                and not (option.id_param or self.get)
            ):
                raise ValueError("re-polling by ids needs id_param or a get call")
        return self

    def _check_pushes(self) -> None:
        for name, call in self.push.items():
            for field in call.fields:
                if self.carrying(field) != name:
                    raise ValueError(f"push {self.carrying(field)} and {name} both carry {field}")
            for map_name in call.values.values():
                if map_name not in self.values:
                    raise ValueError(
                        f"push {name} names the value map {map_name}, which is not there"
                    )

    def _check_rule(self, name: str, rule: FieldRule) -> None:
        if rule.values is not None and rule.values not in self.values:
            raise ValueError(f"field {name} names the value map {rule.values}, which is not there")
        for use in rule.transforms:
            try:
                build(use.name, use.args, zone=ZoneInfo("UTC"))
            except ValueError as error:
                raise ValueError(f"field {name}: {error}") from None


class Declaration(Part):
    name: Name
    title: str
    description: str = ""
    record: str = "report"
    target: Name = "ticket"
    secret: Secret = Secret()
    options: tuple[Option, ...] = ()
    timezone: str = "UTC"
    pacing: Pacing = Pacing()
    shapes: tuple[Shape, ...] = Field(min_length=1)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is not a time zone such as Asia/Manila") from None
        return value

    @field_validator("target")
    @classmethod
    def _known_target(cls, value: str) -> str:
        if value not in TARGET_FIELDS:
            raise ValueError(f"{value!r} is none of {', '.join(TARGET_FIELDS)}")
        return value

    @model_validator(mode="after")
    def _known_fields(self) -> Declaration:
        known = TARGET_FIELDS[self.target]
        for shape in self.shapes:
            pushed = {field for call in shape.push.values() for field in call.fields}
            for verb, names in (("maps", set(shape.fields)), ("pushes", pushed)):
                unknown = sorted(names - set(known))
                if unknown:
                    raise ValueError(
                        f"shape {shape.name} {verb} {', '.join(unknown)}; "
                        f"a {self.target} has only {', '.join(known)}"
                    )
        if len({shape.name for shape in self.shapes}) < len(self.shapes):
            raise ValueError("two shapes have the same name")
        return self

    def shape(self, name: str) -> Shape:
        """The shape of that name; the first one for an empty name. Raises KeyError."""
        if not name:
            return self.shapes[0]
        for shape in self.shapes:
            if shape.name == name:
                return shape
        raise KeyError(name)
