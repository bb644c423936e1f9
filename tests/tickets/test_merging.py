"""Merging and its way back, splitting, links, and what is to be done."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from tests.tickets.make import ROSA, call_back_seconds, make_pulled, make_ticket, photo
from webapp.core import db
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid
from webapp.events.queries import history_of
from webapp.events.types import Actor
from webapp.outbox.models import Delivery
from webapp.tickets import actions, queries
from webapp.tickets.models import Response, Ticket
from webapp.tickets.relating.queries import checklist_of, merged_into, related_to, watchers_of

HTMX = {"HX-Request": "true"}
LIZA = {"name": "Liza Santos", "email": "liza@example.org", "title": "Lamp again",
        "description": "Liza sees no light."}  # fmt: skip


@pytest.fixture
def desk(people, sign_in):
    call_back_seconds(0)
    return sign_in(people.andres)


def fresh(ticket: Ticket) -> Ticket:
    return queries.ticket_by_id(ticket.id)


def merge(ticket: Ticket, into: Ticket, person) -> None:
    with transaction():
        actions.merge_ticket(fresh(ticket), into=fresh(into), actor=person.actor)


def text(client, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def snapshot(ticket: Ticket) -> dict[str, object]:
    row = fresh(ticket)
    messages = queries.conversation_of(row, internal=True)
    return {
        **{c.key: getattr(row, c.key) for c in Ticket.__table__.columns
           if c.key not in ("version", "updated_at")},
        "messages": [(m.id, m.kind, m.body, [f.id for f in m.attachments]) for m in messages],
        "watchers": [w.id for w in watchers_of(row)],
    }  # fmt: skip


# Merging


def test_all_of_both_is_read_in_one_and_unmerging_restores_exactly(desk, people) -> None:
    one, other = make_ticket(), make_ticket(**LIZA)
    with transaction():
        actions.respond(fresh(other), body="Liza writes.", actor=ROSA)
        actions.add_note(fresh(other), body="A note on Liza.", actor=people.andres.actor)
        actions.watch(fresh(other), user=people.fina, actor=people.fina.actor)
        actions.change_status(fresh(one), status="in_progress", actor=people.andres.actor)
    desk.post(
        f"/tickets/{other.ref}/respond",
        data={"body": "See.", "photos": [(io.BytesIO(photo()), "p.jpg")]},
    )
    before = snapshot(other), snapshot(one)

    answer = desk.post(f"/tickets/{other.ref}/merge", data={"other": one.ref.lower()}, headers=HTMX)
    assert answer.status_code == 200
    page = text(desk, f"/tickets/{one.ref}")
    for words in (
        "Liza sees no light.",
        "Liza writes.",
        "A note on Liza.",
        f"from {other.ref}",
        "Merged into this one",
    ):
        assert words in page
    file = next(
        m for m in queries.conversation_of(fresh(one), internal=True) if m.attachments
    ).attachments[0]
    assert desk.get(f"/tickets/{one.ref}/files/{file.id}").status_code == 200
    assert [w.name for w in watchers_of(fresh(one))] == ["Fina"]
    gone = text(desk, f"/tickets/{other.ref}")
    assert one.ref in gone
    assert "This ticket was merged." in gone
    assert fresh(other).status == "in_progress"
    assert f"Merged into {one.ref}" in text(desk, "/tickets?status=all&merged=1")

    desk.post(f"/tickets/{other.ref}/merge", data={"do": "unmerge"})
    assert (snapshot(other), snapshot(one)) == before
    told = [e.data["merged"] for e in history_of("ticket", other.id) if e.type == "ticket.merged"]
    assert told == [True, False]


def test_each_reporter_is_answered_and_reads_nothing_of_the_other(desk, people, client) -> None:
    one, other = make_ticket(), make_ticket(**LIZA)
    with transaction():
        actions.respond(fresh(one), body="Rosa's own words.", actor=ROSA)
    merge(other, one, people.andres)
    desk.post(f"/tickets/{one.ref}/respond", data={"body": "A crew comes."})
    query = select(Delivery).where(Delivery.kind == "reporter_response").order_by(Delivery.id)
    mails = [
        (m.payload["to_address"], m.payload["values"]["ref"]) for m in db.session().scalars(query)
    ]
    assert mails == [("rosa@example.org", one.ref), ("liza@example.org", other.ref)]
    client.post(f"/follow/{other.follow_token}", data={"body": "Thanks from Liza."})
    response = db.session().scalars(select(Response).order_by(Response.id.desc())).first()
    assert (response.ticket_id, response.via_id) == (one.id, other.id)
    rosas, lizas = (
        text(client, f"/follow/{one.follow_token}"),
        text(client, f"/follow/{other.follow_token}"),
    )
    assert "A crew comes." in rosas
    assert "Liza" not in rosas
    for words in (
        "A crew comes.",
        "Thanks from Liza.",
        "Liza sees no light.",
        "handle both together",
    ):
        assert words in lizas
    assert "Rosa" not in lizas
    assert "Thanks from Liza." in text(desk, f"/tickets/{one.ref}")
    with transaction():
        actions.unmerge_ticket(fresh(other), actor=people.andres.actor)
    assert "Thanks from Liza." in text(client, f"/follow/{other.follow_token}")
    assert "Thanks from Liza." not in text(desk, f"/tickets/{one.ref}")


def test_a_file_of_one_reporter_is_not_the_others(desk, people, client) -> None:
    one, other = make_ticket(), make_ticket(**LIZA)
    client.post(
        f"/follow/{one.follow_token}",
        data={"body": "My house.", "photos": [(io.BytesIO(photo()), "p.jpg")]},
    )
    merge(other, one, people.andres)
    desk.post(
        f"/tickets/{one.ref}/respond",
        data={"body": "See.", "photos": [(io.BytesIO(photo()), "s.jpg")]},
    )
    own, shared = (a.id for a in fresh(one).attachments)
    assert client.get(f"/follow/{other.follow_token}/files/{own}").status_code == 404
    assert client.get(f"/follow/{other.follow_token}/files/{shared}").status_code == 200
    assert client.get(f"/follow/{one.follow_token}/files/{own}").status_code == 200


def test_notes_reach_no_reporter_of_either(desk, people, client) -> None:
    one, other = make_ticket(), make_ticket(**LIZA)
    merge(other, one, people.andres)
    for ticket in (one, other):
        with transaction():
            actions.add_note(fresh(ticket), body="Do not tell.", actor=people.andres.actor)
    for ticket in (one, other):
        assert "Do not tell." not in text(client, f"/follow/{ticket.follow_token}")


def test_one_status_for_both_also_down_a_chain_and_from_an_upstream(people) -> None:
    first, second, third = make_ticket(), make_ticket(**LIZA), make_pulled()[0]
    merge(first, second, people.andres)
    merge(second, third, people.andres)
    with transaction():
        upstream = Actor("connection", 1, "MyNaga demo")
        actions.change_status(fresh(third), status="resolved", actor=upstream, from_upstream=True)
    assert {fresh(t).status for t in (first, second, third)} == {"resolved"}
    assert [t.id for t in merged_into(fresh(third))] == [second.id, first.id]
    with transaction():
        actions.unmerge_ticket(fresh(second), actor=people.andres.actor)
    assert (fresh(first).status, fresh(second).status) == ("open", "open")
    assert merged_into(fresh(third)) == []


def test_what_makes_no_sense_is_refused_and_changes_nothing(desk, people) -> None:
    one, other = make_ticket(), make_ticket(**LIZA)
    merge(other, one, people.andres)
    with transaction():
        for ticket, into in ((one, one), (one, other), (other, one)):
            with pytest.raises(Conflict):
                actions.merge_ticket(fresh(ticket), into=fresh(into), actor=people.andres.actor)
        with pytest.raises(Conflict):
            actions.unmerge_ticket(fresh(one), actor=people.andres.actor)
    answer = desk.post(f"/tickets/{one.ref}/merge", data={"other": "T-1999-000001"}, headers=HTMX)
    assert answer.status_code == 422
    assert "There is no ticket of that number." in answer.get_data(as_text=True)
    assert desk.post(f"/tickets/{other.ref}/status", data={"status": "closed"}).status_code == 409
    assert fresh(other).status == "open"


# Splitting


def test_chosen_messages_become_a_ticket_of_their_own_and_notes_stay_notes(
    desk, people, client
) -> None:
    ticket = make_ticket()
    client.post(
        f"/follow/{ticket.follow_token}",
        data={"body": "Also, the drain.", "photos": [(io.BytesIO(photo()), "d.jpg")]},
    )
    with transaction():
        kept = actions.respond(fresh(ticket), body="About the lamp.", actor=people.andres.actor)
        note = actions.add_note(fresh(ticket), body="Drain: old.", actor=people.andres.actor)
    asked = db.session().scalars(select(Response).where(Response.body == "Also, the drain.")).one()
    data = {"title": "Clogged drain", "message": [f"response-{asked.id}", f"note-{note.id}"]}
    answer = desk.post(f"/tickets/{ticket.ref}/split", data=data)
    made = queries.ticket_for(people.andres, answer.location.rsplit("/", 1)[1])
    assert (made.title, made.description, made.reporter_email) == (
        "Clogged drain",
        "Also, the drain.",
        "rosa@example.org",
    )
    there = queries.conversation_of(made, internal=True)
    assert [(m.kind, m.body, len(m.attachments)) for m in there] == [
        ("reporter", "Also, the drain.", 1), ("note", "Drain: old.", 0)]  # fmt: skip
    here = queries.conversation_of(fresh(ticket), internal=True)
    assert [m.body for m in here] == [ticket.description, kept.body]
    assert [each.ticket.id for each in related_to(made)] == [ticket.id]
    public = text(client, f"/follow/{made.follow_token}")
    assert "Also, the drain." in public
    assert "Drain: old." not in public


def test_a_note_alone_never_becomes_what_a_reporter_reads(desk, people, client) -> None:
    ticket = make_ticket()
    with transaction():
        note = actions.add_note(fresh(ticket), body="Do not tell.", actor=people.andres.actor)
    answer = desk.post(
        f"/tickets/{ticket.ref}/split", data={"title": "Other", "message": f"note-{note.id}"}
    )
    made = queries.ticket_for(people.andres, answer.location.rsplit("/", 1)[1])
    assert "Do not tell." not in text(client, f"/follow/{made.follow_token}")


def test_splitting_nothing_or_anothers_message_is_refused(desk, people) -> None:
    ticket, other = make_ticket(), make_ticket(**LIZA)
    with transaction():
        theirs = actions.respond(fresh(other), body="Theirs.", actor=people.andres.actor)
    for chosen in ([], [f"response-{theirs.id}"], ["response-x"]):
        answer = desk.post(f"/tickets/{ticket.ref}/split", data={"title": "New", "message": chosen})
        assert answer.status_code == 422
    assert db.session().query(Ticket).count() == 2


# Links


def test_links_are_seen_from_both_sides_and_taken_apart_from_either(desk, people) -> None:
    one, other = make_ticket(), make_ticket(**LIZA)
    answer = desk.post(
        f"/tickets/{one.ref}/relate",
        data={"kind": "blocked_by", "other": str(other.id)},
        headers=HTMX,
    )
    assert answer.status_code == 200
    assert [(e.kind, e.ticket.id) for e in related_to(fresh(one))] == [("blocked_by", other.id)]
    [seen] = related_to(fresh(other))
    assert seen.kind == "blocks"
    assert "Is blocked by" in text(desk, f"/tickets/{one.ref}")
    again = desk.post(f"/tickets/{other.ref}/relate", data={"kind": "blocks", "other": one.ref})
    assert again.status_code == 409
    third = make_ticket(title="Third")
    path = f"relate/{seen.relation_id}"
    assert desk.post(f"/tickets/{third.ref}/{path}").status_code == 404
    assert desk.post(f"/tickets/{other.ref}/{path}").status_code == 303
    assert related_to(fresh(one)) == []


def test_a_ticket_has_one_parent_and_no_circle_above_it(people) -> None:
    first, second, third = make_ticket(), make_ticket(), make_ticket()
    actor = people.andres.actor
    with transaction():
        actions.relate(fresh(first), fresh(second), kind="parent", actor=actor)
        actions.relate(fresh(third), fresh(second), kind="child", actor=actor)
        for a, b, kind in (
            (first, third, "parent"),
            (third, first, "parent"),
            (first, first, "relates"),
        ):
            with pytest.raises(Conflict):
                actions.relate(fresh(a), fresh(b), kind=kind, actor=actor)
        with pytest.raises(Invalid):
            actions.relate(fresh(first), fresh(third), kind="uncle", actor=actor)


@pytest.mark.parametrize("path", ["status", "respond"])
def test_finishing_a_parent_with_unfinished_parts_asks_first(desk, people, path) -> None:
    parent, child = make_ticket(), make_ticket(**LIZA)
    with transaction():
        actions.relate(fresh(parent), fresh(child), kind="parent", actor=people.andres.actor)
    data = {"status": "closed", "body": "Done."}
    answer = desk.post(f"/tickets/{parent.ref}/{path}", data=data)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert f"1 part of it is unfinished: {child.ref}." in html
    assert 'name="anyway" value="1"' in html
    assert fresh(parent).status == "open"
    assert (
        desk.post(f"/tickets/{parent.ref}/{path}", data={**data, "anyway": "1"}).status_code == 303
    )
    assert (fresh(parent).status, fresh(child).status) == ("closed", "open")


# What is to be done


def test_the_list_says_who_did_what_and_keeps_its_order(desk, people) -> None:
    ticket = make_ticket()
    for words in ("Call Rosa", "Order a lamp", "Mount it"):
        desk.post(f"/tickets/{ticket.ref}/checklist", data={"text": words})
    assert desk.post(f"/tickets/{ticket.ref}/checklist", data={"text": " "}).status_code == 422
    call, order, _ = checklist_of(fresh(ticket))

    def press(item, do):
        return desk.post(f"/tickets/{ticket.ref}/checklist/{item.id}", data={"do": do})

    press(order, "done")
    press(order, "done")
    press(order, "up")
    press(order, "up")
    press(call, "remove")
    assert [(i.text, i.done_by) for i in checklist_of(fresh(ticket))] == [
        ("Order a lamp", "Andres"),
        ("Mount it", ""),
    ]
    assert "To do: 1 of 2" in text(desk, f"/tickets/{ticket.ref}")
    assert "1/2" in text(desk, "/tickets")
    told = [
        e.data["what"]
        for e in history_of("ticket", ticket.id)
        if e.type == "ticket.checklist_changed"
    ]
    assert told == ["added"] * 3 + ["done", "moved", "removed"]
    press(order, "undone")
    assert checklist_of(fresh(ticket))[0].done_at is None
    assert (
        desk.post(
            f"/tickets/{make_ticket().ref}/checklist/{order.id}", data={"do": "done"}
        ).status_code
        == 404
    )
    assert press(order, "paint").status_code == 422


def test_those_who_only_see_tickets_change_none_of_it(people, sign_in) -> None:
    ticket, fina = make_ticket(), sign_in(people.fina)
    for path in ("merge", "relate", "relate/1", "checklist", "checklist/1", "split"):
        assert fina.post(f"/tickets/{ticket.ref}/{path}").status_code == 403
    assert fina.get(f"/tickets/{ticket.ref}").status_code == 200
