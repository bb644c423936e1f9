"""A ticket as an upstream, an import or a command hands it over: one input model for all of them.

What can be stored is made storable (too long is cut, characters no database takes are dropped);
what cannot (a status that is none, a time without a zone, a place off the globe) raises
pydantic.ValidationError, which the puller turns into a quarantined record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import Annotated, Any, NamedTuple
from unicodedata import is_normalized

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import SchemaValidator, core_schema

from webapp.tickets.states import NORMAL, OPEN, PRIORITIES, STATUSES
from webapp.tickets.texts import clean_line, clean_text, is_web, shorten, title_from, web_address

_SIXTH = Decimal("0.000001")
LONGEST_DESCRIPTION = 100_000  # characters; an upstream's text above it is cut


def line(limit: int) -> BeforeValidator:
    """One line of text, cleaned and cut to `limit` characters."""
    return BeforeValidator(partial(_as_line, limit=limit))


def _as_line(value: Any, *, limit: int) -> str:
    return shorten(clean_line(_text(value)), limit=limit)


def _text(value: Any) -> str:
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ValueError("should be text")


def _body(value: Any) -> str:
    return shorten(clean_text(_text(value)), limit=LONGEST_DESCRIPTION)


def _web(value: Any) -> str:
    return web_address(_text(value))


def _status(value: Any) -> str:
    if value not in STATUSES:
        raise ValueError("is no status of this desk")
    return str(value)


def _priority(value: Any) -> int:
    if value not in PRIORITIES:
        raise ValueError("is no priority of this desk")
    return int(value)


def _degrees(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, Decimal) and value.same_quantum(_SIXTH):
        return value
    try:
        return Decimal(str(value)).quantize(_SIXTH)
    except InvalidOperation:
        raise ValueError("is no degree of latitude or longitude") from None


Line200 = Annotated[str, line(200)]
Body = Annotated[str, BeforeValidator(_body)]
WebAddress = Annotated[str, BeforeValidator(_web)]
Status = Annotated[str, BeforeValidator(_status)]
Priority = Annotated[int, BeforeValidator(_priority)]
Latitude = Annotated[Decimal | None, Field(ge=-90, le=90), BeforeValidator(_degrees)]
Longitude = Annotated[Decimal | None, Field(ge=-180, le=180), BeforeValidator(_degrees)]


class RemoteFile(BaseModel):
    """A photo or file that stands at the upstream. `url` empty (not http): it is left out."""

    model_config = ConfigDict(frozen=True)

    url: WebAddress
    name: Annotated[str, line(255)] = ""
    content_type: Annotated[str, line(100)] = ""
    size: int | None = None  # bytes

    @property
    def shown_name(self) -> str:
        last = self.url.split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[-1]
        return self.name or shorten(clean_line(last), limit=255) or "file"


class TicketValues(BaseModel):
    """Everything that a ticket may be made of, or (only the given fields) changed to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, line(300)] = ""  # without one, the description's first line serves
    description: Body = ""
    status: Status = OPEN
    priority: Priority = NORMAL
    category: Line200 = ""
    refined_category: Line200 = ""
    barangay: Line200 = ""
    place: Annotated[str, line(1000)] = ""
    lat: Latitude = None
    lng: Longitude = None
    reporter_name: Line200 = ""
    reporter_email: Annotated[str, line(254)] = ""
    reporter_phone: Annotated[str, line(60)] = ""
    source: Annotated[str, line(30)] = "import"  # connection:<id>
    source_name: Annotated[str, line(120)] = ""
    control_number: Line200 = ""
    source_url: WebAddress = ""
    external_status: Line200 = ""
    reported_at: AwareDatetime | None = None  # None: now
    resolved_at: AwareDatetime | None = None  # when the upstream finished it, where it says so
    due_at: AwareDatetime | None = None
    attachments: Annotated[tuple[RemoteFile, ...], BeforeValidator(lambda value: value or ())] = ()

    @model_validator(mode="after")
    def _plausible(self) -> TicketValues:
        for moment in (self.reported_at, self.resolved_at, self.due_at):
            if moment is not None and moment.astimezone(UTC).year < 1990:
                raise ValueError("a time before 1990 is no real time")
        return self

    @property
    def shown_title(self) -> str:
        return self.title or title_from(self.description, self.refined_category, self.category)

    def given(self, *, without: frozenset[str] = frozenset({"attachments"})) -> dict[str, Any]:
        """The fields that were given: field → value."""
        held = self.__dict__
        return {name: held[name] for name in _named(frozenset(self.model_fields_set), without)}


@lru_cache(maxsize=64)
def _named(given: frozenset[str], without: frozenset[str]) -> tuple[str, ...]:
    """In the model's order."""
    return tuple(name for name in TicketValues.model_fields if name in given - without)


def storable(values: dict[str, Any]) -> TicketValues:
    """`values` (field → new value) checked and cleaned. Raises pydantic.ValidationError.

    Where each of them plainly needs nothing done to it, as most from a mapping, one look at all is enough.
    """
    if not _need_nothing([values]):
        return TicketValues.model_validate(values)
    made: TicketValues = _ASSEMBLED.validate_python(values)
    return made


def storable_together(many: Sequence[Mapping[str, Any]]) -> list[TicketValues] | None:
    """As `storable` for each, where none of them needs anything done to it; else None."""
    if not _need_nothing(many):
        return None
    return [_ASSEMBLED.validate_python(values) for values in many]


def _need_nothing(many: Sequence[Mapping[str, Any]]) -> bool:
    names = set(map(tuple, many))
    look = _look(names.pop()) if len(names) == 1 else None
    if look is None:
        return False
    columns = [(limit, [values[name] for values in many]) for name, limit in look.lines]
    try:
        together = "|".join("|".join(column) for _, column in columns)
    except TypeError:  # one of them is no text
        return False
    # Together they show what each would: a blank at an end, two in a row, a letter that can be composed.
    return (
        all(max(map(len, column)) <= limit for limit, column in columns)
        and together.isprintable()
        and "  " not in together
        and " |" not in together
        and "| " not in together
        and together[:1] != " " != together[-1:]
        and (together.isascii() or is_normalized("NFC", together))
        and all(
            is_fine(value)
            for name, is_fine in look.others
            for value in [values[name] for values in many]
        )
    )


class _Look(NamedTuple):
    """How values with certain names are looked at: the lines together, the others one by one."""

    lines: tuple[tuple[str, int], ...]  # with how long one may be
    others: tuple[tuple[str, Callable[[Any], bool]], ...]


@lru_cache(maxsize=64)
def _look(names: tuple[str, ...]) -> _Look | None:
    """None where one of the names is none of a ticket's."""
    others = [name for name in names if name not in _LINES]
    if not all(name in _FINE for name in others):
        return None
    return _Look(
        lines=tuple((name, _LINES[name]) for name in names if name in _LINES),
        others=tuple((name, _FINE[name]) for name in others),
    )


def _is_fine_body(value: Any) -> bool:
    return (
        value.__class__ is str
        and len(value) <= LONGEST_DESCRIPTION
        and (value.isprintable() or value.replace("\n", "").isprintable())
        and not value[:1].isspace()
        and not value[-1:].isspace()
        and (value.isascii() or is_normalized("NFC", value))
    )


def _is_fine_address(value: Any) -> bool:
    return value.__class__ is str and (
        not value
        or (value.isascii() and value.isprintable() and " " not in value and is_web(value))
    )


def _is_fine_degree(limit: int) -> Callable[[Any], bool]:
    def is_fine(value: Any) -> bool:
        return value is None or (
            value.__class__ is Decimal and value.same_quantum(_SIXTH) and -limit <= value <= limit
        )

    return is_fine


def _is_fine_time(value: Any) -> bool:
    return value is None or (
        value.__class__ is datetime and value.tzinfo is UTC and value.year >= 1990
    )


_LINES: dict[str, int] = {
    name: each.func.keywords["limit"]
    for name, field in TicketValues.model_fields.items()
    for each in field.metadata
    if isinstance(each, BeforeValidator) and isinstance(each.func, partial)
}
_FINE: dict[str, Callable[[Any], bool]] = {
    "description": _is_fine_body,
    "status": lambda value: value.__class__ is str and value in STATUSES,
    "priority": lambda value: value.__class__ is int and value in PRIORITIES,
    "lat": _is_fine_degree(90),
    "lng": _is_fine_degree(180),
    "source_url": _is_fine_address,
    "reported_at": _is_fine_time,
    "resolved_at": _is_fine_time,
    "due_at": _is_fine_time,
    "attachments": lambda value: value in ([], ()),
}
# Makes the model of values that need no look any more, with the defaults of those that are not given.
_ASSEMBLED = SchemaValidator(
    core_schema.model_schema(
        TicketValues,
        core_schema.model_fields_schema(
            {
                name: core_schema.model_field(
                    core_schema.with_default_schema(
                        core_schema.tuple_schema([core_schema.any_schema()], variadic_item_index=0)
                        if name == "attachments"
                        else core_schema.any_schema(),
                        default=field.default,
                    )
                )
                for name, field in TicketValues.model_fields.items()
            }
        ),
    )
)


def as_text(value: datetime | Decimal | str | None) -> str | None:
    """A field's value as it stands in an event: texts are cut to 200 characters."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else shorten(str(value), limit=200)
