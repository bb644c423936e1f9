"""Every kind of record that a declaration may name can be synchronised, and nothing else of sync knows tickets."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from webapp.core.errors import Invalid
from webapp.sync import subjects
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import TARGET_FIELDS, parse
from webapp.sync.connectors.declaration.fields import ONLY_SENT

SYNC = Path(subjects.__file__).parents[1]
NEEDED = {
    "bordereau": {"reference": "B-1", "client_name": "STEG", "received_on": "2026-11-02"},
    "bulletin": {"number": "BS-1", "care_date": "2026-11-02", "total": "1.000"},
}
MAY_KNOW_TICKETS = {"subjects/ticket.py", "views/panels.py"}


def test_every_target_of_a_declaration_is_a_kind_of_record_and_the_other_way_round() -> None:
    kinds = {subjects.of(kind).kind for kind in TARGET_FIELDS}
    assert kinds == set(TARGET_FIELDS)


@pytest.mark.parametrize("kind", sorted(TARGET_FIELDS))
def test_every_field_that_a_mapping_may_fill_is_one_that_the_record_takes(kind: str) -> None:
    subject = subjects.of(kind)
    for field, longest in TARGET_FIELDS[kind].items():
        assert subject.label(field) != field, "it has a name for people"
        assert subject.fact_types(field), "a change of it is told by an event"
        if longest is not None and not subject.choices(field):
            if field in ONLY_SENT.get(kind, ()):
                continue
            checked = subject.check({**NEEDED.get(kind, {}), field: "https://example.org/a"})
            assert subject.canonical(checked)[field]


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_built_in_declaration_names_a_known_kind(kind: str) -> None:
    assert subjects.of(registry.get(kind).target).kind == registry.get(kind).target


def test_a_declaration_for_another_kind_of_record_is_refused_with_the_kinds_there_are() -> None:
    text = registry.source("open311").replace(
        "record: service request", "record: service request\ntarget: parcel", 1
    )
    assert "target: parcel" in text
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert "'parcel' is none of ticket" in refused.value.message


def test_no_other_module_of_sync_imports_tickets() -> None:
    found = {
        str(path.relative_to(SYNC))
        for path in SYNC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("webapp.tickets")
    }
    assert found == MAY_KNOW_TICKETS
