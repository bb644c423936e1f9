"""A mapping that is being edited: the declaration's text, and what the form shows of it. Nothing is saved here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.core.errors import Invalid
from webapp.sync import subjects
from webapp.sync.actions.declaring import read_declaration
from webapp.sync.connectors.declaration import Declaration
from webapp.sync.connectors.declaration.fields import ONLY_SENT, TARGET_FIELDS
from webapp.sync.mapping import asking, document, editor, ways
from webapp.sync.mapping.document import Place
from webapp.sync.mapping.editor import Decided, FieldRow, Form, ValueTable
from webapp.sync.mapping.ways import Ways
from webapp.sync.values import child_field

ADD, REMOVE, SHOW = "add:", "remove:", "show:"


@dataclass
class Draft:
    """`text`: the declaration as it would be saved; the last one that was right where `errors` says what is not.

    What is shown of it is one kind of its records, `kind`. `errors`: control → sentence. `seen`: the kinds that were
    shown so far, with what was decided at the desk; `taken`: of that, what the text now holds.
    """

    text: str
    shape: str
    kind: str
    kinds: Sequence[tuple[str, str]]  # each with its target
    target: str
    rows: Sequence[FieldRow]
    tables: Sequence[ValueTable]
    asking: Mapping[str, str]
    ways: Ways
    pushed: Mapping[str, str] = field(default_factory=dict)  # field → what its push call is called
    errors: dict[str, str] = field(default_factory=dict)
    seen: Sequence[str] = ()
    taken: Sequence[str] = ()

    @property
    def is_child(self) -> bool:
        return self.kind != self.kinds[0][0]

    @property
    def asking_is_wrong(self) -> bool:
        return any(name.startswith("a__") for name in self.errors)

    @property
    def sent(self) -> dict[str, list[str]]:
        """The title of each push call → the fields that it carries."""
        found: dict[str, list[str]] = {}
        for name, title in self.pushed.items():
            found.setdefault(title, []).append(name)
        return found

    @property
    def unused(self) -> list[str]:
        return editor.unused_fields(self.rows, _fields(self.target))

    def declaration(self) -> Declaration:
        """Raises Invalid while something is wrong."""
        if self.errors:
            raise Invalid(next(iter(self.errors.values())), fields=self.errors)
        return read_declaration(self.text)


def draft_of(
    text: str,
    *,
    shape: str,
    kind: str = "",
    known: Decided | None = None,
    seen: Sequence[str] = (),
    taken: Sequence[str] = (),
) -> Draft:
    """The form for a declaration as it is. `known`: by fields as decided values are kept. Raises Invalid for a text
    that is none."""
    place = document.place_in(document.load(text), shape, kind)
    place.borrow()
    decided = _decided(place, known or {}) if place.kind not in seen else {}
    tables = editor.value_tables(place.part, _closed(place.target), decided)
    return Draft(
        text=text,
        **_named(place),
        rows=editor.field_rows(place.part),
        tables=tables,
        asking=asking.asking_values(place),
        ways={} if place.is_child else ways.ways_in(place.shape),
        pushed=document.pushed_in(place.part),
        seen=tuple(dict.fromkeys([*seen, place.kind])),
        taken=tuple(dict.fromkeys([*taken, *_by_desk(place, tables)])),
    )


def draft_from(form: Form, *, do: str = "", known: Decided | None = None) -> Draft:
    """What was typed over the form's `source`. `do`: add:<field>, remove:<field>, show:<kind>, way:<part> or
    drop:<part>:<position>. Raises Invalid where the source itself is no declaration."""
    before = form.get("source").replace("\r\n", "\n")
    whole = document.load(before)
    place = document.place_in(whole, form.get("shape"), form.get("kind"))
    place.borrow()
    draft = _typed(place, form, before, do=do)
    place.give_back()
    if not draft.errors:
        try:
            draft.text = document.text_of(whole, before)
            draft.declaration()
        except Invalid as error:
            draft.errors = document.field_errors(error, place)
    if do.startswith(SHOW) and not draft.errors:
        wanted = do.removeprefix(SHOW)
        so_far = {"seen": draft.seen, "taken": draft.taken}
        return draft_of(draft.text, shape=draft.shape, kind=wanted, known=known, **so_far)
    return draft


def _typed(place: Place, form: Form, before: str, *, do: str) -> Draft:
    """The form put into the document's part, and shown again as it was typed."""
    part, fields, closed = place.part, _fields(place.target), _closed(place.target)
    rows = editor.typed_rows(form, fields)
    tables = editor.typed_tables(form, part, closed)
    wrong = editor.put_fields(part, rows) | editor.put_values(part, tables)
    typed_ways = {} if place.is_child else ways.typed_ways(form, place.shape, do=do)
    wrong |= ways.put_ways(place.shape, typed_ways)
    asked = asking.asking_values(place)
    try:
        asking.put_asking(place, form)
        asked = asking.asking_values(place)
    except Invalid as error:
        wrong |= error.fields
        asked = {name: form.get(f"a__{name}") for name in asked}
    if do.startswith((ADD, REMOVE)):
        _add_or_remove(part, do, fields, closed)
        rows = _after(part, rows)
        tables = [*tables, *_new_tables(part, tables, closed)]
        wrong = {
            name: words for name, words in wrong.items() if name.split("__")[0] in part["fields"]
        }
    return Draft(
        text=before,
        **_named(place),
        rows=rows,
        tables=tables,
        asking=asked,
        ways=typed_ways,
        pushed=document.pushed_in(part),
        errors=wrong,
        seen=form.getlist("seen"),
        taken=form.getlist("decided"),
    )


def _named(place: Place) -> dict[str, Any]:
    return {
        "shape": str(place.shape.get("name", "")),
        "kind": place.kind,
        "kinds": place.kinds,
        "target": place.target,
    }


def _fields(target: str) -> list[str]:
    """What a mapping may fill."""
    sent = ONLY_SENT.get(target, frozenset())
    return [name for name in TARGET_FIELDS[target] if name not in sent]


def _closed(target: str) -> set[str]:
    """The fields whose values are a closed list of ours."""
    return {name for name in TARGET_FIELDS[target] if subjects.of(target).choices(name)}


def _decided(place: Place, known: Decided) -> Decided:
    """Of what was decided, or waits for it, what is this kind's; by its own fields."""
    if not place.is_child:
        return known
    start = child_field(place.kind, "")
    return {n.removeprefix(start): rows for n, rows in known.items() if n.startswith(start)}


def _by_desk(place: Place, tables: Sequence[ValueTable]) -> list[str]:
    """`field:their value`, the field as decided values are kept."""
    return [
        f"{child_field(place.kind, table.field) if place.is_child else table.field}:{row.theirs}"
        for table in tables
        for row in table.rows
        if row.by == "desk"
    ]


def _add_or_remove(
    part: document.Document, do: str, fields: Collection[str], closed: Collection[str]
) -> None:
    if do.startswith(ADD) and do.removeprefix(ADD) in fields:
        editor.add_field(part, do.removeprefix(ADD), closed)
    elif do.startswith(REMOVE):
        editor.remove_field(part, do.removeprefix(REMOVE))


def _after(part: document.Document, rows: Sequence[FieldRow]) -> list[FieldRow]:
    """What was typed, without the row that went and with the one that came."""
    typed = {row.name: row for row in rows}
    return [typed.get(row.name, row) for row in editor.field_rows(part)]


def _new_tables(
    part: document.Document, tables: Sequence[ValueTable], closed: Collection[str]
) -> list[ValueTable]:
    names = {table.name for table in tables}
    return [table for table in editor.value_tables(part, closed) if table.name not in names]
