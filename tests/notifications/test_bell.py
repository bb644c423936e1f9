"""What is in a person's bell, on the page, in the bar and for programs."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.notifications.conftest import Left
from tests.tickets.make import MYNAGA, ROSA, make_pulled, make_ticket
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core.db import session, transaction
from webapp.events.record import gathered, record
from webapp.events.types import SYSTEM
from webapp.notifications import preferring, tasks
from webapp.notifications.models import Notice
from webapp.progress.events import MilestoneReached
from webapp.sync.events import SyncFailed
from webapp.tickets import actions
from webapp.tickets.events import TicketCreated
from webapp.tickets.models import Ticket

SignIn = Callable[[User], FlaskClient]


def _fresh(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def bell(person: User) -> list[tuple[str, str]]:
    db.session().rollback()
    query = select(Notice).where(Notice.user_id == person.id).order_by(Notice.id)
    return [(notice.kind, notice.text) for notice in db.session().scalars(query)]


def test_each_fact_is_one_row_a_person_with_a_link_and_nobody_is_told_what_they_did(
    people: SimpleNamespace,
) -> None:
    ticket = make_ticket()
    with transaction():
        actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
        actions.add_note(_fresh(ticket), body="CANARY @Fina", actor=people.andres.actor)
        actions.respond(_fresh(ticket), body="On our way.", actor=people.andres.actor)
        actions.change_status(_fresh(ticket), status="resolved", actor=people.andres.actor)
    assert [kind for kind, _ in bell(people.andres)] == ["new", "assignment"]
    assert [kind for kind, _ in bell(people.fina)] == ["new", "mention", "response", "updated"]
    assert [kind for kind, _ in bell(people.amihan)] == ["new", "response", "updated"]
    assert bell(people.rosa) == [
        ("response", "Andres responded to your report"),
        ("updated", "Your report is now: Resolved"),
    ]
    assert bell(people.nadia) == bell(people.felix) == []
    assert "CANARY" not in str([bell(person) for person in vars(people).values()])
    links = {n.url for n in session().scalars(select(Notice)) if n.user_id == people.fina.id}
    assert links == {f"/tickets/{ticket.ref}"}
    [link] = {n.url for n in session().scalars(select(Notice)) if n.user_id == people.rosa.id}
    assert link == f"/follow/{ticket.follow_token}"


def test_no_fact_is_told_twice_and_none_that_was_rolled_back(people: SimpleNamespace) -> None:
    with suppress(ZeroDivisionError), transaction():
        make_ticket()
        1 / 0  # noqa: B018
    assert bell(people.andres) == []
    ticket = make_ticket()
    [notice] = session().scalars(select(Notice).where(Notice.user_id == people.andres.id))
    from webapp.events.models import Event
    from webapp.notifications import telling

    with transaction():
        event = session().get_one(Event, notice.event_id)
        fact = TicketCreated(
            subject_id=ticket.id, ref=ticket.ref, title=ticket.title, source="form"
        )
        telling.tell(event, fact)
    assert len(bell(people.andres)) == 1


def test_a_pull_is_one_row_that_grows_and_is_unread_again(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    with time_machine.travel(clock.now().replace(minute=10), tick=False):
        make_pulled(5)
        client = sign_in(people.andres)
        assert "5 new tickets from MyNaga demo" in client.get("/notifications").text
        client.post("/notifications/read-all")
        make_pulled(7, control_number="second")
        page = client.get("/notifications").text
    assert "12 new tickets from MyNaga demo" in page
    assert page.count("notice-row ") + page.count('notice-row"') == 1
    assert "is-unread" in page


def test_of_many_at_once_each_is_counted_for_whom_it_concerns_alone(
    left: Left, people: SimpleNamespace
) -> None:
    tickets = make_pulled(12)
    left.toasts.clear()
    with transaction():
        preferring.mute(people.andres, f"ticket:{tickets[7].id}")
        preferring.choose(people.fina, {"updated": ["app"]}, everything=False)
        actions.watch(_fresh(tickets[9]), user=session().merge(people.fina), actor=SYSTEM)
    with transaction(), gathered():
        for ticket in tickets:
            actions.change_status(_fresh(ticket), status="resolved", actor=people.rosa.actor)

    told = select(Notice.user_id, Notice.count).where(Notice.kind == "updated")
    assert dict(session().execute(told).all()) == {
        people.amihan.id: 12,
        people.andres.id: 11,
        people.fina.id: 1,
    }
    heard = {
        name: [t.text for t in left.toasts if f"user:{person.id}" in t.topics]
        for name, person in vars(people).items()
        if name in ("amihan", "andres", "fina")
    }
    more = {name: texts[3:] for name, texts in heard.items()}
    assert more == {
        "amihan": ["9 more tickets updated by Rosa"],
        "andres": ["8 more tickets updated by Rosa"],
        "fina": [],
    }
    assert [tickets[9].ref in text for text in heard["fina"]] == [True]


def test_many_that_an_admin_gives_at_once_are_three_and_one_summary_not_a_flood(
    people: SimpleNamespace,
) -> None:
    tickets = make_pulled(8)
    with transaction():
        for ticket in tickets:
            actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
    rows = session().scalars(select(Notice).where(Notice.kind == "assignment")).all()
    assert sorted(row.count for row in rows) == [1, 1, 1, 5]


def test_who_lost_the_right_and_who_muted_hear_nothing_more(people: SimpleNamespace) -> None:
    ticket = make_ticket()
    with transaction() as current:
        accounts.edit_user(current.merge(people.fina), role="field", actor=people.amihan.actor)
        preferring.mute(people.andres, f"ticket:{ticket.id}")
        actions.change_status(_fresh(ticket), status="resolved", actor=MYNAGA)
        actions.assign(_fresh(ticket), assignee=people.andres, actor=people.amihan.actor)
    assert [kind for kind, _ in bell(people.fina)] == ["new", "system"]
    assert bell(people.fina)[-1][1] == "Your role is now: Field worker"
    assert [kind for kind, _ in bell(people.andres)] == ["new", "assignment"], "it names them"


def test_only_own_and_watched_tickets_for_who_wants_only_these(people: SimpleNamespace) -> None:
    mine, other = make_ticket(), make_ticket(title="Another")
    with transaction():
        preferring.choose(people.andres, {"updated": ["app"]}, everything=False)
        actions.watch(_fresh(mine), user=session().merge(people.andres), actor=people.andres.actor)
    for ticket in (mine, other):
        with transaction():
            actions.change_status(_fresh(ticket), status="resolved", actor=people.amihan.actor)
    assert [text for kind, text in bell(people.andres) if kind == "updated"] == [
        f"Ticket {mine.ref} is now Resolved: {mine.title}"
    ]


def test_the_page_groups_by_day_and_ticket_filters_marks_and_deletes(
    people: SimpleNamespace, sign_in: SignIn, left: Left
) -> None:
    client = sign_in(people.fina)
    assert "No notices" in client.get("/notifications").text
    with time_machine.travel(clock.now() - timedelta(days=1), tick=False):
        make_ticket(title="Of yesterday")
    ticket = make_ticket(title="Of today")
    with transaction():
        actions.respond(_fresh(ticket), body="Dark.", actor=ROSA)
    page = client.get("/notifications").text
    assert [word for word in ("Today", "Of today", "Yesterday", "Of yesterday") if word in page] == [
        "Today", "Of today", "Yesterday", "Of yesterday",
    ]  # fmt: skip
    assert page.index("Today") < page.index("Yesterday")
    assert f"{ticket.ref} Of today</a></h3>" in page, "two about one ticket stand together"
    assert "Of yesterday" not in client.get("/notifications?kind=response").text
    newest = session().scalars(select(Notice).where(Notice.kind == "response")).first()
    assert newest is not None
    response_id = session().scalar(
        select(Notice.id).where(Notice.user_id == people.fina.id, Notice.kind == "response")
    )
    left.signals.clear()
    assert client.post(f"/notifications/{response_id}", data={"do": "read"}).status_code == 303
    assert left.signals == [((f"user:{people.fina.id}",), "notification:changed")]
    assert "Rosa Dimaculangan responded" not in client.get("/notifications?unread=1").text
    client.post(f"/notifications/{response_id}", data={"do": "unread"})
    assert 'data-unread="3"' in client.get("/notifications/count").text
    client.post(f"/notifications/{response_id}", data={"do": "delete"})
    assert len(bell(people.fina)) == 2
    client.post("/notifications/read-all")
    assert 'data-unread="0"' in client.get("/notifications/count").text
    client.post("/notifications/clear")
    assert bell(people.fina) == []
    assert len(bell(people.andres)) == 3, "others keep theirs"


def test_nobody_touches_another_persons_notice(people: SimpleNamespace, sign_in: SignIn) -> None:
    make_ticket()
    theirs = session().scalar(select(Notice.id).where(Notice.user_id == people.andres.id))
    for person in (people.fina, people.amihan, people.nadia):
        assert sign_in(person).post(f"/notifications/{theirs}").status_code == 404
    assert sign_in(people.andres).get("/notifications/count").text.count('data-unread="1"') == 1


def test_what_expires_vanishes_at_once_and_is_pruned(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    make_ticket()
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        client = sign_in(people.andres)
        assert 'data-unread="0"' in client.get("/notifications/count").text
        assert "No notices" in client.get("/notifications").text
        assert len(bell(people.andres)) == 1
        assert tasks.prune()["notices"] == 3
        assert bell(people.andres) == []


def test_the_bell_stands_on_each_page_with_its_number(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.andres)
    for _ in range(2):
        make_ticket()
    page = client.get("/account").text
    assert '<span class="bell__badge">2</span>' in page
    assert f"user:{people.andres.id}" in page, "and hears of news"
    assert "Broken street light" in client.get("/notifications/newest").text


def test_older_ones_are_on_the_next_page_each_once(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    for n in range(60):
        with transaction():
            fact = SyncFailed(
                subject_id=n + 1, name=f"Way {n}.", run_id=n, error_kind="dns", error="Gone."
            )
            record(fact, actor=SYSTEM)
    client = sign_in(people.amihan)
    page, seen = client.get("/notifications").text, []
    while True:
        seen += re.findall(r"Way (\d+)\. could not", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        page = client.get(html.unescape(older.group(1))).text
    assert sorted(map(int, seen)) == list(range(60))


def test_who_passes_a_milestone_is_told_and_nobody_else(people: SimpleNamespace) -> None:
    with transaction():
        fact = MilestoneReached(subject_id=people.felix.id, name="streak-7")
        record(fact, actor=people.felix.actor)
    assert bell(people.felix) == [("milestone", "Milestone: 7 days in a row")]
    assert bell(people.amihan) == []
