"""A whole declaration, and the checks that need more than one of its parts."""

from __future__ import annotations

from typing import Any, Literal
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
    ONLY_SENT,
    TARGET_FIELDS,
    FieldRule,
    RecordRule,
    Rule,
    ValueMap,
)
from webapp.sync.connectors.declaration.paging import FullList, NoPaging
from webapp.sync.connectors.declaration.part import CallPath, Name, Part, Paths
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


class Child(Part):
    """Records that belong to one of the list's and are read with it: the bulletins of a bordereau.

    `path` (holds {parent}) is asked for each parent that has changed; or they stand `inside` the parent's own
    record. Their pushes may name {parent} besides {id}.
    """

    target: Name
    path: CallPath | None = None
    inside: str | None = None
    items: Paths = ("",)
    record: RecordRule
    fields: dict[Name, Rule]
    values: dict[Name, ValueMap] = Field(default_factory=dict)
    push: dict[Name, PushCall] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_place(self) -> Child:
        if (self.path is None) == (self.inside is None):
            raise ValueError("a child stands at a path or inside its parent, one of the two")
        if self.path is not None and "{parent}" not in self.path:
            raise ValueError("path must hold {parent}")
        return self


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
    children: dict[Name, Child] = Field(default_factory=dict)
    within: str = (
        ""  # where these records stand in those of the list, if they are not the list's own
    )

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
        if self.get is not None and not self.get.among and "{id}" not in self.get.path:
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
    every: Literal[1, 2, 5, 10, 15, 30, 60] = (
        5  # minutes from sync to sync, unless somebody chooses
    )
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
        for shape in self.shapes:
            _check_fields(f"shape {shape.name}", self.target, shape)
            for child in shape.children:
                self.of_kind(child)
        if len({shape.name for shape in self.shapes}) < len(self.shapes):
            raise ValueError("two shapes have the same name")
        return self

    def of_kind(self, kind: str) -> Declaration:
        """What is declared of one kind of record, as if it were all there is: this itself, or a child's part."""
        if kind == self.record or not any(kind in shape.children for shape in self.shapes):
            return self
        shapes = tuple(_as_child(shape, kind) for shape in self.shapes if kind in shape.children)
        target = next(
            shape.children[kind].target for shape in self.shapes if kind in shape.children
        )
        return Declaration.model_validate(
            {**_kept(self), "record": kind, "target": target, "shapes": shapes}
        )

    def shape(self, name: str) -> Shape:
        """The shape of that name; the first one for an empty name. Raises KeyError."""
        if not name:
            return self.shapes[0]
        for shape in self.shapes:
            if shape.name == name:
                return shape
        raise KeyError(name)


def _check_fields(named: str, target: str, part: Shape) -> None:
    known = set(TARGET_FIELDS[target])
    filled = known - ONLY_SENT.get(target, frozenset())
    pushed = {field for call in part.push.values() for field in (*call.fields, *call.along)}
    for verb, names, possible in (("maps", set(part.fields), filled), ("pushes", pushed, known)):
        unknown = sorted(names - possible)
        if unknown:
            has = ", ".join(name for name in TARGET_FIELDS[target] if name in possible)
            raise ValueError(f"{named} {verb} {', '.join(unknown)}; a {target} has only {has}")


def _kept(part: Part) -> dict[str, Any]:
    """The parts of a part as they are, for another one like it."""
    return {name: getattr(part, name) for name in type(part).model_fields}


def _as_child(shape: Shape, kind: str) -> Shape:
    """The shape read as if the child's records were its own: one list for each parent, read whole."""
    child = shape.children[kind]
    path = child.path or shape.list.path
    listed = ListCall(
        path=path,
        items=child.items,
        paging=(NoPaging(kind="none"),),
        incremental=(FullList(kind="full"),),
    )
    own = {
        "list": listed if child.path else shape.list,
        "within": child.inside or "",
        "get": GetCall(path=path, item=child.items, among=True) if child.path else None,
        "record": child.record,
        "fields": child.fields,
        "values": {**shape.values, **child.values},
        "push": child.push,
        "children": {},
    }
    return shape.model_copy(update=own)
