"""Every past fact reads as a sentence, whatever stands in it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from webapp import reactions
from webapp.audit import phrases, sentences
from webapp.audit.bundles import bundled
from webapp.events.models import Event
from webapp.events.types import Fact

EVIL = "<script>alert(1)</script> 100% %(who)s %s"
SAMPLES: dict[str, Any] = {
    "changes": {"title": [EVIL, "new"], "password": ["old", "new"], "place": [None, EVIL]},
    "filters": {"actor": "user:1"},
    "old": "open",
    "new": "resolved",
    "internal": False,
}


def event_of(kind: type[Fact], actor_kind: str = "user", **values: Any) -> Event:
    data = {
        f.name: SAMPLES.get(f.name, EVIL) for f in fields(kind) if f.name != "subject_id"
    } | values
    return Event(
        id=1,
        at=datetime(2026, 11, 20, tzinfo=UTC),
        type=kind.type,
        actor_kind=actor_kind,
        actor_id=1,
        actor_name=EVIL,
        subject_kind=kind.subject_kind,
        subject_id=7,
        data=data,
    )


def link(_event: Event, label: str) -> Markup:
    return Markup("<a>{}</a>").format(label)


@pytest.mark.parametrize("kind", list(reactions.REACTIONS), ids=lambda kind: kind.type)
def test_each_fact_has_a_sentence_that_escapes_what_people_typed(
    app: Flask, kind: type[Fact]
) -> None:
    for actor_kind in ("user", "connection", "reporter", "system"):
        with app.test_request_context():
            told = sentences.describe(event_of(kind, actor_kind), link=link)
        assert "<script>" not in told.sentence, actor_kind
        assert kind.type not in told.sentence, f"by {actor_kind}: no sentence of its own"
        assert told.colour in {"green", "blue", "purple", "amber", "red", "grey"}, actor_kind


def test_a_type_of_another_release_is_told_by_its_name(app: Flask) -> None:
    event = Event(
        id=1,
        type="moon.landed",
        actor_kind="user",
        actor_id=1,
        actor_name="Ana",
        subject_kind="moon",
        subject_id=1,
        data={},
    )
    with app.test_request_context():
        assert "moon.landed" in sentences.describe(event, link=link).sentence


def test_two_claims_of_one_number_are_not_told_as_one_that_resembles_itself(app: Flask) -> None:
    kind = next(k for k in reactions.REACTIONS if k.type == "bulletin.duplicate_found")
    event = event_of(kind, ref="BS-7", other="BS-7", why="number")
    with app.test_request_context():
        told = sentences.describe(event, link=link)
    assert told.sentence == "Another claim has the number <a>BS-7</a>, too: it waits for a decision"


def test_a_replaced_password_shows_no_value(app: Flask) -> None:
    kind = next(k for k in reactions.REACTIONS if k.type == "user.edited")
    with app.test_request_context():
        told = sentences.describe(event_of(kind, changes={"password": ["old", "new"]}), link=link)
    assert told.detail == "password: replaced"


def test_a_pulled_ticket_reads_as_coming_in_from_its_upstream(app: Flask) -> None:
    kind = next(k for k in reactions.REACTIONS if k.type == "ticket.created")
    event = event_of(kind, "connection", ref="T-2026-000007")
    event.actor_name = "MyNaga"
    with app.test_request_context():
        told = sentences.describe(event, link=link)
    assert told.sentence == "<a>T-2026-000007</a> came in from <strong dir='auto'>MyNaga</strong>"


def test_every_icon_is_in_the_sprite(app: Flask) -> None:
    sprite = (app.static_folder or "") + "/icons.svg"
    with open(sprite) as file:
        known = file.read()
    missing = {icon for icon, _, _ in phrases.TABLE.values() if f'id="{icon}"' not in known}
    assert not missing


def test_what_one_pull_brought_is_one_line_and_everything_else_keeps_its_own() -> None:
    def event(number: int, kind: str = "ticket.created", by: int = 3) -> Event:
        return Event(id=number, type=kind, actor_kind="connection", actor_id=by, data={})

    events = [
        event(9),
        event(8),
        event(7),
        event(6),
        event(5, "ticket.edited"),
        event(4),
        event(3, by=4),
    ]
    assert [[e.id for e in bundle] for bundle in bundled(events)] == [[9, 8, 7, 6], [5], [4], [3]]
