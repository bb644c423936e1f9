"""What the mapping's form shows and what it says: rows of fields and of values. Pure.

Controls are named `<field>__<part>`; `rows` lists the fields that have a row, `maps` the value maps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from webapp.sync.mapping.document import Document, from_inline, inline

MOST_TRANSFORMS = 8
MOST_VALUES = 500


class Form:
    """What a browser sent, as tidy texts."""

    def __init__(self, sent: MultiDict[str, str]) -> None:
        self._sent = sent

    def get(self, name: str) -> str:
        """Empty where it was not sent."""
        return (self._sent.get(name) or "").replace("\x00", "").replace("\r\n", "\n")

    def after(self, start: str) -> dict[str, str]:
        """Of the controls whose names begin so: the rest of the name → what was typed."""
        return {n.removeprefix(start): self.get(n) for n in self._sent if n.startswith(start)}

    def getlist(self, name: str) -> list[str]:
        return self._sent.getlist(name)


@dataclass(frozen=True)
class FieldRow:
    """One field of ours. `transforms`: (name, arguments as written)."""

    name: str
    paths: str
    transforms: tuple[tuple[str, str], ...] = ()
    owner: str = ""
    clears: bool = True
    required: bool = False
    strict: bool = True
    join: str | None = None
    values: str = ""


@dataclass(frozen=True)
class ValueRow:
    """`by`: "" the declaration, "desk" decided here, "new" nobody yet."""

    theirs: str
    ours: str
    by: str = ""


@dataclass(frozen=True)
class ValueTable:
    """`field`: the first field that is read or sent through it. `sends`: what goes back of ours is shown as well."""

    name: str
    field: str
    rows: tuple[ValueRow, ...]
    out: dict[str, str] = made(default_factory=dict)
    sends: bool = False


Decided = Mapping[str, Sequence[tuple[str, str | None]]]  # field → (theirs, ours or None)


def field_rows(part: Document) -> list[FieldRow]:
    return [_row(name, rule) for name, rule in (part.get("fields") or {}).items()]


def value_tables(
    part: Document, closed: Collection[str], known: Decided | None = None
) -> list[ValueTable]:
    """Declared values, those decided at the desk in their place, and those that nobody has mapped. `closed`: the
    fields whose values here are a closed list."""
    fields, sent = _fields_of_maps(part)
    tables = []
    for name, value_map in (part.get("values") or {}).items():
        field, out = fields.get(name, ""), dict(value_map.get("out") or {})
        rows = _value_rows(value_map, (known or {}).get(field, ()))
        sends = field in closed and (field == "status" or name in sent or bool(out))
        tables.append(ValueTable(name, field, tuple(rows), out, sends))
    return tables


def _fields_of_maps(part: Document) -> tuple[dict[str, str], set[str]]:
    """(table → the first field of it, the tables that something is sent through)."""
    calls = (part.get("push") or {}).values()
    sent = {name: field for call in calls for field, name in (call.get("values") or {}).items()}
    read = {
        str(rule["values"]): field
        for field, rule in reversed((part.get("fields") or {}).items())
        if isinstance(rule, dict) and rule.get("values")
    }
    return sent | read, set(sent)


def typed_rows(form: Form, fields: Collection[str]) -> list[FieldRow]:
    """The fields as they were typed, right or wrong. `fields`: those that our records have."""
    return [_typed(name, form) for name in dict.fromkeys(form.getlist("rows")) if name in fields]


def typed_tables(form: Form, part: Document, closed: Collection[str]) -> list[ValueTable]:
    """The values as they were typed, right or wrong."""
    return [
        replace(
            table,
            rows=tuple(_typed_values(table.name, form)),
            out={
                ours: theirs.strip()
                for ours, theirs in form.after(f"o__{table.name}__").items()
                if theirs.strip()
            },
        )
        if table.name in form.getlist("maps")
        else table
        for table in value_tables(part, closed)
    ]


def put_fields(part: Document, rows: Sequence[FieldRow]) -> dict[str, str]:
    """The rows as the part's fields. Gives control → sentence for those that are wrong."""
    wrong: dict[str, str] = {}
    before = part.get("fields") or {}
    part["fields"] = {row.name: _rule(row, before.get(row.name), wrong) for row in rows}
    used = {row.values for row in rows if row.values}
    for name in sorted(used - set(part.get("values") or {})):
        part.setdefault("values", {})[name] = {"in": {}}
    return wrong


def put_values(part: Document, tables: Sequence[ValueTable]) -> dict[str, str]:
    """The tables as the part's value maps; a row without a value of ours is left out. Errors as above."""
    wrong: dict[str, str] = {}
    maps = part.get("values") or {}
    for table in tables:
        inward: dict[str, str] = {}
        for position, row in enumerate(table.rows):
            if row.theirs.casefold() in {each.casefold() for each in inward}:
                words = gettext("“%(value)s” stands here twice.", value=row.theirs)
                wrong[f"v__{table.name}__{position}"] = words
            elif row.ours:
                inward[row.theirs] = row.ours
        after = {**(maps.get(table.name) or {}), "in": inward}
        if table.sends:
            after["out"] = {**table.out}
        if not after.get("out"):
            after.pop("out", None)
        maps[table.name] = after
    if maps:
        part["values"] = maps
    return wrong


def add_field(part: Document, name: str, closed: Collection[str]) -> None:
    """One whose values here are a closed list is read through a table: the one it is sent through, else its own."""
    fields = part.setdefault("fields", {})
    if name in fields:
        return
    fields[name] = {"from": [name]}
    if name in closed:
        maps, _sent = _fields_of_maps(part)
        table = next((each for each, field in maps.items() if field == name), name)
        fields[name]["values"] = table
        part.setdefault("values", {}).setdefault(table, {"in": {}})


def remove_field(part: Document, name: str) -> None:
    (part.get("fields") or {}).pop(name, None)


def unused_fields(rows: Iterable[FieldRow], fields: Iterable[str]) -> list[str]:
    taken = {row.name for row in rows}
    return [name for name in fields if name not in taken]


def _row(name: str, rule: Any) -> FieldRow:
    if isinstance(rule, str | list | tuple):
        rule = {"from": rule}
    paths = rule["from"]
    return FieldRow(
        name=name,
        paths=paths if isinstance(paths, str) else ", ".join(paths),
        transforms=tuple(_use(each) for each in rule.get("transforms") or ()),
        owner=rule.get("owner") or "",
        clears=rule.get("nullable", True),
        required=bool(rule.get("required")),
        strict=rule.get("on_error", "quarantine") == "quarantine",
        join=rule.get("join"),
        values=rule.get("values") or "",
    )


def _use(written: Any) -> tuple[str, str]:
    if isinstance(written, str):
        return written, ""
    if set(written) <= {"name", "args"} and "name" in written:
        return str(written["name"]), inline(written.get("args") or {})
    name, args = next(iter(written.items()))
    return str(name), inline(args or {})


def _value_rows(value_map: Document, known: Sequence[tuple[str, str | None]]) -> list[ValueRow]:
    decided = {theirs.casefold(): (theirs, ours) for theirs, ours in known if ours}
    rows = []
    for theirs, ours in (value_map.get("in") or {}).items():
        instead = decided.pop(str(theirs).casefold(), None)
        meant = (instead[1] if instead else ours) or ""
        rows.append(ValueRow(str(theirs), str(meant), "desk" if instead else ""))
    rows += [ValueRow(theirs, ours or "", "desk") for theirs, ours in decided.values()]
    declared = {row.theirs.casefold() for row in rows}
    rows += [
        ValueRow(theirs, "", "new")
        for theirs, ours in known
        if not ours and theirs.casefold() not in declared
    ]
    return rows


def _typed(name: str, form: Form) -> FieldRow:
    def said(part: str) -> str:
        return form.get(f"{name}__{part}").strip()

    uses = [(said(f"t{n}"), said(f"a{n}")) for n in range(MOST_TRANSFORMS)]
    return FieldRow(
        name=name,
        paths=said("from"),
        transforms=tuple(use for use in uses if use[0]),
        owner=said("owner"),
        clears=bool(said("clears")),
        required=bool(said("required")),
        strict=bool(said("strict")),
        join=(form.get(f"{name}__join") or ", ") if said("join_on") else None,
        values=said("values"),
    )


def _typed_values(name: str, form: Form) -> list[ValueRow]:
    rows = [
        ValueRow(
            form.get(f"v__{name}__{position}").strip(),
            form.get(f"w__{name}__{position}").strip(),
            form.get(f"b__{name}__{position}"),
        )
        for position in range(MOST_VALUES)
    ]
    return [row for row in rows if row.theirs]


def _rule(row: FieldRow, before: Any, wrong: dict[str, str]) -> Any:
    paths = [path.strip() for path in row.paths.split(",") if path.strip()]
    if not paths:
        wrong[f"{row.name}__from"] = gettext("Say which of their fields fills this, or remove it.")
    elif any(not step.removesuffix("[]") for path in paths for step in path.split(".")):
        wrong[f"{row.name}__from"] = gettext("A path is names with dots between: address.street")
    options = {
        "transforms": _transforms(row, wrong),
        "values": row.values,
        "join": row.join,
        "required": row.required,
        "owner": row.owner,
    }
    rule: dict[str, Any] = {"from": paths if len(paths) > 1 else (paths or [""])[0]}
    rule |= {name: value for name, value in options.items() if value}
    if not row.clears:
        rule["nullable"] = False
    if not row.strict:
        rule["on_error"] = "warn"
    was_short = not isinstance(before, dict)
    return rule["from"] if len(rule) == 1 and was_short else rule


def _transforms(row: FieldRow, wrong: dict[str, str]) -> list[Any]:
    found: list[Any] = []
    for position, (use, written) in enumerate(row.transforms):
        try:
            args = from_inline(written)
        except ValueError:
            words = gettext("Write settings as in “length: 80”.")
            wrong[f"{row.name}__a{position}"] = words
            continue
        found.append({use: args} if args else use)
    return found
