"""A mapping that is being edited: the declaration's text, and what the form shows of it. Nothing is saved here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.core.errors import Invalid
from webapp.sync.actions.declaring import read_declaration
from webapp.sync.connectors.declaration import TARGET_FIELDS, Declaration
from webapp.sync.mapping import asking, document, editor
from webapp.sync.mapping.editor import Decided, FieldRow, Form, ValueTable

ADD, REMOVE = "add:", "remove:"


@dataclass
class Draft:
    """`text`: the declaration as it would be saved; the last one that was right where `errors` says what is not.

    `errors`: control → sentence. `asking` None: how they are asked can only be edited as text.
    """

    text: str
    target: str
    shape: str
    rows: Sequence[FieldRow]
    tables: Sequence[ValueTable]
    asking: dict[str, str] | None
    pushed: Mapping[str, str] = field(default_factory=dict)  # field → what its push call is called
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def unused(self) -> list[str]:
        return editor.unused_fields(self.rows, TARGET_FIELDS[self.target])

    def declaration(self) -> Declaration:
        """Raises Invalid while something is wrong."""
        if self.errors:
            raise Invalid(next(iter(self.errors.values())), fields=self.errors)
        return read_declaration(self.text)


def draft_of(text: str, *, shape: str, known: Decided | None = None) -> Draft:
    """The form for a declaration as it is. Raises Invalid for a text that is none."""
    whole = document.load(text)
    part = document.shape_in(whole, shape)
    return Draft(
        text=text,
        target=document.target_of(whole),
        shape=str(part.get("name", "")),
        rows=editor.field_rows(part),
        tables=editor.value_tables(part, known),
        asking=asking.asking_values(part),
        pushed=document.pushed_in(part),
    )


def draft_from(form: Form, *, do: str = "") -> Draft:
    """What was typed over the form's `source`. `do`: add:<field> or remove:<field>. Raises Invalid where
    the source itself is no declaration."""
    before = form.get("source").replace("\r\n", "\n")
    whole = document.load(before)
    part = document.shape_in(whole, form.get("shape"))
    fields = TARGET_FIELDS[document.target_of(whole)]
    rows, tables = editor.typed_rows(form, fields), editor.typed_tables(form, part)
    wrong = editor.put_fields(part, rows) | editor.put_values(part, tables)
    typed = asking.asking_values(part)
    try:
        asking.put_asking(part, form)
        typed = asking.asking_values(part)
    except Invalid as error:
        wrong |= error.fields
        typed = {name: form.get(f"a__{name}") for name in typed or {}}
    if do:
        _do(part, do, fields)
        rows = _after(part, rows)
        tables = [*tables, *_new_tables(part, tables)]
        wrong = {
            name: words for name, words in wrong.items() if name.split("__")[0] in part["fields"]
        }
    draft = Draft(
        before,
        document.target_of(whole),
        str(part.get("name", "")),
        rows,
        tables,
        typed,
        document.pushed_in(part),
        wrong,
    )
    if not wrong:
        try:
            draft.text = document.text_of(whole, before)
            draft.declaration()
        except Invalid as error:
            draft.errors = document.field_errors(error)
    return draft


def _do(part: document.Document, do: str, fields: Collection[str]) -> None:
    if do.startswith(ADD) and do.removeprefix(ADD) in fields:
        editor.add_field(part, do.removeprefix(ADD))
    elif do.startswith(REMOVE):
        editor.remove_field(part, do.removeprefix(REMOVE))


def _after(part: document.Document, rows: Sequence[FieldRow]) -> list[FieldRow]:
    """What was typed, without the row that went and with the one that came."""
    typed = {row.name: row for row in rows}
    return [typed.get(row.name, row) for row in editor.field_rows(part)]


def _new_tables(part: document.Document, tables: Sequence[ValueTable]) -> list[ValueTable]:
    names = {table.name for table in tables}
    return [table for table in editor.value_tables(part) if table.name not in names]
