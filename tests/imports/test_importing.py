"""A file of tickets comes in: matched, previewed, written once whatever dies, and taken back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.tickets.make import make_pulled, make_ticket
from webapp.core import db
from webapp.events.models import Event
from webapp.imports import actions, tasks
from webapp.imports.actions import running
from webapp.imports.models import Import, ImportRow
from webapp.outbox.models import Delivery
from webapp.tickets import actions as tickets
from webapp.tickets.models import Team, Ticket

SHEET = """Control No,Subject,Status,Priority,Date Reported,Email,Extra
N-1,Broken lamp,Open,High,13/02/2026 14:30,rosa@example.org,x
N-2,Flooded street,ongoing,,2026-02-14T08:00:00+00:00,,
,No number,,,,,
"""


@pytest.fixture
def agent(sign_in: Any, people: SimpleNamespace) -> Any:
    return sign_in(people.andres)


def _bring(agent: Any, text: str | bytes, name: str = "reports.csv") -> str:
    content = text if isinstance(text, bytes) else text.encode()
    answer = agent.post("/tickets/imports", data={"file": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def _match(agent: Any, page: str, **more: str) -> Any:
    """As it was proposed."""
    it = _import()
    form = {f"column-{place}": name for place, name in it.mapping.items()}
    usual = {"key": it.options["key"], "zone": "Asia/Manila", "day_first": "1"}
    return agent.post(f"{page}/match", data={**form, **usual, **more})


def _take_in(agent: Any, text: str | bytes, **more: str) -> str:
    page = _bring(agent, text)
    assert _match(agent, page, **more).status_code == 303
    assert agent.post(f"{page}/start").status_code == 303
    return page


def _import() -> Import:
    db.session().expire_all()
    if not db.in_transaction():
        db.session().rollback()
    return db.session().scalars(select(Import).order_by(Import.id.desc())).first()  # type: ignore[return-value]


def _ticket(number: str) -> Ticket:
    db.session().expire_all()
    return db.session().scalars(select(Ticket).where(Ticket.control_number == number)).one()


def _count(model: Any = Ticket) -> int:
    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def test_columns_are_proposed_from_their_headings(agent: Any) -> None:
    page = agent.get(_bring(agent, SHEET)).get_data(as_text=True)
    assert _import().mapping == {
        "0": "control_number", "1": "title", "2": "status", "3": "priority", "4": "reported_at", "5": "reporter_email",
    }  # fmt: skip
    assert "Broken lamp · Flooded street" in page


def test_a_preview_says_what_would_happen_and_writes_nothing(agent: Any) -> None:
    make_pulled(1, control_number="N-1", title="Old title")
    page = _bring(agent, SHEET)
    _match(agent, page)
    it = _import()
    assert (it.state, it.counts) == ("preview", {"update": 1, "create": 2})
    shown = agent.get(page).get_data(as_text=True)
    assert "Old title" in shown
    assert "Broken lamp" in shown
    assert _count() == 1
    assert _ticket("N-1").title == "Old title"


def test_rows_become_tickets_as_they_were_meant_and_nobody_is_mailed(agent: Any) -> None:
    _take_in(agent, SHEET)
    lamp = _ticket("N-1")
    assert (lamp.title, lamp.status, lamp.priority, lamp.source) == (
        "Broken lamp",
        "open",
        3,
        "import",
    )
    assert lamp.reported_at == datetime(2026, 2, 13, 6, 30, tzinfo=UTC)
    assert _ticket("N-2").status == "in_progress"
    assert _count() == 3
    assert _count(Delivery) == 0
    of_import = select(Event.type).where(Event.subject_kind == "import").order_by(Event.id)
    facts = db.session().scalars(of_import).all()
    assert facts == ["import.started", "import.done"]


def test_the_same_file_once_more_changes_nothing_but_what_has_no_number(agent: Any) -> None:
    _take_in(agent, SHEET)
    events = _count(Event)
    page = _bring(agent, SHEET.replace(",No number,,,,,\n", ""))
    _match(agent, page)
    assert _import().counts == {"unchanged": 2}
    assert _count(Event) == events
    assert "Import them" not in agent.get(page).get_data(as_text=True)


def test_the_next_file_of_the_kind_is_matched_as_this_one_was(agent: Any) -> None:
    page = _bring(agent, SHEET)
    _match(agent, page, **{"column-6": "place", "column-5": ""})
    again = _bring(agent, SHEET)
    assert _import().mapping["6"] == "place"
    assert "5" not in _import().mapping
    assert "was the last time" in agent.get(again).get_data(as_text=True)


def test_words_that_nobody_knows_are_asked_for_and_remembered(agent: Any) -> None:
    text = "Title,Status\nLamp,Awaiting crew\nDog,Void\nTree,Open\n"
    page = _bring(agent, text)
    answer = _match(agent, page)
    assert answer.status_code == 422
    assert "Say below what these words mean here." in answer.get_data(as_text=True)
    assert (
        _match(agent, page, **{"word-status-0": "in_progress", "word-status-1": "-"}).status_code
        == 303
    )
    assert _import().counts == {"create": 2, "bad": 1}
    _bring(agent, text)
    assert _match(agent, page, **{"word-status-0": "in_progress", "word-status-1": "-"})
    assert _import().words["status"]["Awaiting crew"] == "in_progress"


def test_bad_rows_come_back_as_a_file_with_their_reasons(agent: Any) -> None:
    text = (
        "Control No,Title,Priority,Date Reported,Latitude\n"
        "N-1,Fine,,,\n"
        "N-1,Twice,,,\n"
        "N-3,Too long a row,,,,stray\n"
        "N-4,No such time,,31/31/2026,\n"
        "N-5,Off the globe,,,123\n"
        "N-6,,,,\n"
        "N-7,=cmd(),,,#\n"
    )
    page = _bring(agent, text)
    _match(agent, page)
    answer = agent.get(f"{page}/bad-rows.csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer)))
    assert [(row["row"], row["reason"]) for row in rows] == [
        ("3", "Row 2 is about the same number."),
        ("4", "It has 6 cells, the headings 5."),
        ("5", "Reported: “31/31/2026” is no time"),
        ("6", "Latitude: This must be at most 90."),
        ("7", "It has neither a title nor a description."),
        ("8", "Latitude: is no degree of latitude or longitude"),
    ]
    assert rows[-1]["Title"] == "'=cmd()"
    assert "Row 2 is about the same number." in agent.get(page).get_data(as_text=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "below its headings"),
        (b"Title,Status\n", "below its headings"),
        (b"\n\n,,\n", "below its headings"),
    ],
)
def test_files_that_hold_nothing_are_told_of_in_a_sentence(
    agent: Any, content: bytes, words: str
) -> None:
    answer = agent.post(
        "/tickets/imports", data={"file": (io.BytesIO(content), "a.csv")}, follow_redirects=True
    )
    assert words in answer.get_data(as_text=True)


def test_a_gigabyte_is_refused_in_a_sentence_before_it_is_read(agent: Any) -> None:
    class NeverRead(io.RawIOBase):
        def readinto(self, _buffer: Any) -> int:
            raise AssertionError("its bytes were asked for")

    answer = agent.post(
        "/tickets/imports",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(1024**3), "wsgi.input": NeverRead()},
    )
    assert answer.status_code == 413
    assert "too large: at most 100 MB" in answer.get_data(as_text=True)


def test_a_worker_that_dies_in_the_midst_doubles_no_row(
    agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 2)
    lines = "".join(f"N-{n},Lamp {n}\n" for n in range(7))
    page = _bring(agent, "Control No,Title\n" + lines)
    _match(agent, page)
    with db.transaction():
        actions.start(_import(), actor=agent_actor())
    with db.transaction():
        assert actions.run_some(_import().id)
    with pytest.raises(ZeroDivisionError), db.transaction():
        actions.run_some(_import().id)
        raise ZeroDivisionError
    assert (_count(), _import().handled) == (2, 2)
    tasks.go_on(_import().id)
    tasks.go_on(_import().id)  # a nudge too many
    assert (_count(), _import().state, _import().counts) == (7, "done", {"create": 7})


def test_what_stands_still_is_gone_on_with(agent: Any, redis_queue: Any, time_machine: Any) -> None:
    page = _bring(agent, SHEET)
    _match(agent, page)
    with db.transaction():
        actions.start(_import(), actor=agent_actor())
    redis_queue.clear()
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=5))
    tasks.tick()
    assert redis_queue.names() == ["webapp.imports.tasks.go_on"]


def test_undo_withdraws_what_nobody_touched_and_leaves_the_rest(agent: Any) -> None:
    page = _take_in(agent, SHEET)
    with db.transaction():
        tickets.add_note(_ticket("N-2"), body="Called them", actor=agent_actor())
    agent.post(f"{page}/undo")
    assert [t.control_number for t in db.session().scalars(select(Ticket))] == ["N-2"]
    assert _import().counts == {"create": 3, "undone": 2, "left": 1}
    shown = agent.get(page).get_data(as_text=True)
    assert f"Somebody has worked on {_ticket('N-2').ref} since." in shown
    left = agent.get(f"{page}/left.csv").get_data(as_text=True)
    assert "3,Somebody has worked on" in left
    gone = db.session().scalars(select(Event).where(Event.type == "ticket.withdrawn")).all()
    assert [event.data["title"] for event in gone] == ["No number", "Broken lamp"]


def test_a_withdrawn_number_is_never_given_again(agent: Any) -> None:
    page = _take_in(agent, SHEET)
    last = db.session().scalar(select(func.max(Ticket.id)))
    agent.post(f"{page}/undo")
    assert make_ticket().id == last + 1


def test_undo_gives_old_values_back_where_nobody_changed_them_since(agent: Any) -> None:
    make_pulled(1, control_number="N-1", title="Old title")
    page = _take_in(agent, SHEET)
    ticket = _ticket("N-1")
    assert (ticket.title, ticket.priority) == ("Broken lamp", 3)
    with db.transaction():
        tickets.set_priority(_ticket("N-1"), 4, actor=agent_actor())
    agent.post(f"{page}/undo")
    ticket = _ticket("N-1")
    assert (ticket.title, ticket.priority) == ("Old title", 4)
    assert "changed since: Priority" in agent.get(page).get_data(as_text=True)


def test_it_is_started_once_and_undone_once(agent: Any) -> None:
    page = _take_in(agent, SHEET)
    assert agent.post(f"{page}/start").status_code == 409
    agent.post(f"{page}/undo")
    assert agent.post(f"{page}/undo").status_code == 409
    assert _count(ImportRow) == 3


def test_who_may_not_work_on_tickets_brings_nothing(sign_in: Any, people: SimpleNamespace) -> None:
    for person in (people.fina, people.nadia):
        assert sign_in(person).get("/tickets/imports").status_code == 403
        assert sign_in(person).post("/tickets/imports").status_code == 403


def agent_actor() -> Any:
    from webapp.events.types import Actor

    return Actor("user", 2, "Andres")


@pytest.fixture
def redis_queue(app: Any) -> Any:
    import rq

    from webapp.core.redis import client

    queue = rq.Queue("default", connection=client())
    return SimpleNamespace(clear=queue.empty, names=lambda: [job.func_name for job in queue.jobs])


PLACED = """Control No,Subject,Department,Assigned to,Labels,Priority
P-1,Broken lamp,lights,ANDRES@EXAMPLE.ORG,"storm, Night",High
P-2,Flooded street,Drains crew,,Night|Storm,
P-3,Fallen tree,,Somebody Gone,,
"""


def test_team_assignee_and_tags_come_in_and_go_out_again(
    agent: Any, people: SimpleNamespace
) -> None:
    with db.transaction() as session:
        session.add_all([Team(name="Lights"), Team(name="Drains")])
    page = _bring(agent, PLACED)
    told = _match(agent, page)
    assert told.status_code == 422  # two words are unknown here
    assert "Say below what these words mean here." in told.get_data(as_text=True)
    drains = str(db.session().scalar(select(Team.id).where(Team.name == "Drains")))
    values = _import().columns[2]["values"], _import().columns[3]["values"]
    meant = {
        f"word-team-{values[0].index('Drains crew')}": drains,
        f"word-assignee-{values[1].index('Somebody Gone')}": "0",
    }
    assert _match(agent, page, **meant).status_code == 303
    agent.post(f"{page}/start")
    first = _ticket("P-1")
    assert (first.team.name, first.assignee_id, first.priority) == ("Lights", people.andres.id, 3)
    assert [tag.name for tag in first.tags] == ["Night", "storm"]
    second, third = _ticket("P-2"), _ticket("P-3")
    assert (second.team.name, [tag.name for tag in second.tags]) == ("Drains", ["Night", "storm"])
    assert (third.team_id, third.assignee_id, third.tags) == (None, None, [])
    agent.post(f"{page}/undo")
    assert _count() == 0


def test_a_known_ticket_changes_hands_and_gets_tags_and_all_is_taken_back(
    agent: Any, people: SimpleNamespace
) -> None:
    with db.transaction() as session:
        session.add(Team(name="Lights"))
        [known] = make_pulled(1, control_number="P-1", title="Broken lamp")
        tickets.set_tags(session.get_one(Ticket, known.id), ["Old"], actor=people.andres.actor)
    page = _bring(agent, PLACED.split("P-2", maxsplit=1)[0])
    _match(agent, page)
    shown = agent.get(page).get_data(as_text=True)
    for words in ("Lights", people.andres.name, "Night, Old, storm"):
        assert words in shown
    agent.post(f"{page}/start")
    ticket = _ticket("P-1")
    assert [tag.name for tag in ticket.tags] == ["Night", "Old", "storm"]
    kinds = [
        e.type for e in db.session().scalars(select(Event).where(Event.subject_id == known.id))
    ]
    assert kinds.count("ticket.assigned") == 1
    agent.post(f"{page}/undo")
    ticket = _ticket("P-1")
    assert (ticket.team_id, ticket.assignee_id, ticket.priority) == (None, None, 2)
    assert [tag.name for tag in ticket.tags] == ["Old"]
