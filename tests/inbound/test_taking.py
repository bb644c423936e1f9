"""What becomes of a mail that comes in."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from tests.inbound.conftest import Take
from tests.inbound.mails import dsn, mail, with_files
from webapp.accounts.models import User
from webapp.core import db, storage
from webapp.core.errors import NotFound
from webapp.events.models import Event
from webapp.inbound import receiving, tasks
from webapp.mail.models import InboundMail, MailBlock, Mailbox
from webapp.mail.threads import token_of
from webapp.outbox.models import Delivery
from webapp.tickets import actions as tickets
from webapp.tickets.models import Attachment, Note, Response, Team, Ticket
from webapp.tickets.relating.models import TicketRelation


def newest_ticket() -> Ticket:
    return db.session().scalars(select(Ticket).order_by(Ticket.id.desc())).first()  # type: ignore[return-value]


def count(model: type) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def confirmations() -> int:
    query = select(func.count()).select_from(Delivery).where(Delivery.kind == "reporter_received")
    return db.session().scalar(query) or 0


def png() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((60, 60), 50).save(out, "PNG")
    return out.getvalue()


def finish(ticket_id: int, by: User) -> None:
    with db.transaction():
        ticket = db.session().get_one(Ticket, ticket_id)
        tickets.change_status(ticket, status="resolved", actor=by.actor)


def test_a_new_mail_is_a_new_ticket_and_its_sender_is_told(take: Take) -> None:
    row = take(mail())
    ticket = newest_ticket()
    assert (row.state, row.ticket_id) == ("taken", ticket.id)
    assert (ticket.title, ticket.description) == ("Broken lamp", "The lamp is broken.")
    assert (ticket.reporter_name, ticket.reporter_email) == ("Ana Cruz", "ana@example.org")
    assert ticket.source == "mail"
    assert confirmations() == 1


def test_a_mail_is_taken_once_however_often_it_comes(take: Take) -> None:
    first, second = take(mail()), take(mail(received="by another way"))
    assert first.id == second.id
    assert count(Ticket) == 1
    other = take(mail("Something else, under an id of somebody else."))
    assert other.id != first.id
    assert count(Ticket) == 2


@pytest.mark.parametrize("way", ["header", "token"])
def test_an_answer_finds_its_ticket(
    take: Take, lamp: SimpleNamespace, mailbox: Mailbox, way: str
) -> None:
    ours = lamp.our_id()
    told = {"to": f"desk+{token_of(ours)}@localhost"} if way == "token" else {"in_reply_to": ours}
    take(mail("Still dark.\n\nOn Monday, Desk wrote:\n> Mended", subject="Re: whatever", **told))
    [response] = lamp.now().responses
    assert (response.body, response.author_kind, response.author_name) == (
        "Still dark.",
        "reporter",
        "Ana Cruz",
    )
    assert count(Ticket) == 1


def test_a_number_in_the_subject_counts_for_the_reporter_alone(
    take: Take, lamp: SimpleNamespace
) -> None:
    take(mail("Mine.", subject=f"Re: [{lamp.ref}] lamp"))
    take(
        mail(
            "Not mine.",
            subject=f"Re: [{lamp.ref}] lamp",
            sender="eve@example.org",
            message_id="<2@x>",
        )
    )
    assert [each.body for each in lamp.now().responses] == ["Mine."]
    assert newest_ticket().reporter_email == "eve@example.org"


@pytest.mark.parametrize(
    ("rule", "days", "new"), [("reopen", 0, False), ("within", 14, False), ("new", 0, True)]
)
def test_an_answer_to_a_finished_ticket_follows_the_setting(
    take: Take,
    lamp: SimpleNamespace,
    mailbox: Mailbox,
    people: SimpleNamespace,
    rule: str,
    days: int,
    new: bool,
) -> None:
    with db.transaction():
        box = db.session().get_one(Mailbox, mailbox.id)
        box.closed_rule, box.closed_days = rule, days
    finish(lamp.id, people.andres)
    take(mail("It is dark again.", in_reply_to=lamp.our_id()))
    assert lamp.now().status == ("resolved" if new else "open")
    links = [
        (each.ticket_id, each.other_id) for each in db.session().scalars(select(TicketRelation))
    ]
    assert links == ([(newest_ticket().id, lamp.id)] if new else [])


def test_an_answer_to_a_merged_ticket_goes_to_the_one_that_stands_for_it(
    take: Take, lamp: SimpleNamespace
) -> None:
    take(mail(subject="The other", message_id="<9@x>", sender="ben@example.org"))
    target = newest_ticket()
    with db.transaction():
        db.session().get_one(Ticket, lamp.id).merged_into_id = target.id
    take(mail("Still dark.", in_reply_to=lamp.our_id(), message_id="<3@x>"))
    [response] = db.session().scalars(select(Response))
    assert (response.ticket_id, response.via_id) == (target.id, lamp.id)


def test_staff_answer_by_mail_in_their_name_and_notes_stay_inside(
    take: Take, lamp: SimpleNamespace, people: SimpleNamespace
) -> None:
    andres = people.andres
    with db.transaction():
        ticket = db.session().get_one(Ticket, lamp.id)
        tickets.assign(
            ticket, assignee=db.session().get_one(User, andres.id), actor=people.amihan.actor
        )
    take(mail("Please hurry.", in_reply_to=lamp.our_id()))
    to_andres = lamp.our_id(f"user:{andres.id}")
    take(mail("We come today.", sender=andres.email, in_reply_to=to_andres, message_id="<2@x>"))
    answer = lamp.now().responses[-1]
    assert (answer.body, answer.author_kind, answer.author_id) == (
        "We come today.",
        "user",
        andres.id,
    )
    with db.transaction():
        ticket = db.session().get_one(Ticket, lamp.id)
        tickets.add_note(ticket, body="@Andres look", actor=people.amihan.actor)
    noted = lamp.our_id(f"user:{andres.id}")
    take(mail("Inside only.", sender=andres.email, in_reply_to=noted, message_id="<4@x>"))
    assert len(lamp.now().responses) == 2
    assert [note.body for note in lamp.now().notes] == ["@Andres look", "Inside only."]
    forged = mail(
        "Said by Eve.", sender=andres.email, subject=f"Re: [{lamp.ref}] x", message_id="<5@x>"
    )
    take(forged)
    assert len(lamp.now().responses) == 2, (
        "a forged sender and a guessed number say nothing in public"
    )
    assert count(Note) == 3


def test_a_mail_that_staff_forward_belongs_to_who_wrote_it(
    take: Take, people: SimpleNamespace
) -> None:
    body = "FYI\n\n-----Original Message-----\nFrom: Ben Reyes <ben@example.net>\nSent: Monday\nTo: x\n\nFlood."
    take(mail(body, sender=people.andres.email, subject="Fw: Flood"))
    ticket = newest_ticket()
    assert (ticket.reporter_name, ticket.reporter_email) == ("Ben Reyes", "ben@example.net")
    assert (ticket.title, ticket.description) == ("Flood", "Flood.")


@pytest.mark.parametrize(
    "sign",
    [
        {"auto_submitted": "auto-replied"},
        {"precedence": "bulk"},
        {"list_id": "<x.y>"},
        {"x_loop": "tulay@localhost"},
        {"return_path": "<>"},
        {"sender": "tulay@localhost"},
    ],
)
def test_machines_change_nothing_and_are_answered_by_none(
    take: Take, lamp: SimpleNamespace, people: SimpleNamespace, sign: dict[str, str]
) -> None:
    finish(lamp.id, people.andres)
    before = count(Delivery)
    row = take(mail("I am on holiday.", in_reply_to=lamp.our_id(), **sign))
    assert row.state == "ignored"
    assert row.reason
    assert lamp.now().status == "resolved"
    assert (count(Delivery), count(Response), count(Ticket)) == (before, 0, 1)


def test_confirmations_end_where_two_machines_could_answer_each_other(take: Take) -> None:
    for n in range(5):
        take(mail(f"Again {n}", subject=f"Re: Alarm {n}", message_id=f"<{n}@x>"))
    assert count(Ticket) == 5
    assert confirmations() == 2
    for n in range(12):
        take(mail(f"Else {n}", subject=f"Subject {chr(97 + n)}", message_id=f"<e{n}@x>"))
    assert confirmations() == 10
    take(mail("Hello", sender="no-reply@shop.example", message_id="<n@x>"))
    assert confirmations() == 10


def test_a_bounce_stops_mail_to_that_address_and_shows_where_it_matters(
    take: Take, lamp: SimpleNamespace, people: SimpleNamespace
) -> None:
    delivery = db.session().scalars(select(Delivery)).one()
    with db.transaction():
        again = db.session().get_one(Delivery, delivery.id)
        again.state, again.settled_at = "sent", again.created_at
    row = take(dsn(about=lamp.our_id()))
    assert (row.state, row.ticket_id) == ("taken", lamp.id)
    [block] = db.session().scalars(select(MailBlock))
    assert block.address == "ana@example.org"
    assert "user unknown" in block.reason
    assert "ana@" not in block.reason
    db.session().refresh(delivery)
    assert (delivery.state, delivery.reason) == ("parked", block.reason)
    assert count(Ticket) == 1
    kinds = db.session().scalars(select(Event.type).where(Event.subject_id == lamp.id)).all()
    assert "ticket.mail_returned" in kinds


def test_a_bounce_without_our_mail_in_it_is_known_by_the_address_that_it_comes_back_to(
    take: Take, mailbox: Mailbox, lamp: SimpleNamespace
) -> None:
    to = f"desk+{token_of(lamp.our_id())}@desk.example"
    row = take(mail("550 5.1.1 user unknown", sender="MAILER-DAEMON@mx.example.org", to=to))
    assert row.state == "taken"
    assert db.session().scalars(select(MailBlock.address)).all() == ["ana@example.org"]


@pytest.mark.parametrize("kind", ["delayed", "forged"])
def test_other_bounces_stop_nothing(take: Take, lamp: SimpleNamespace, kind: str) -> None:
    raw = dsn("delayed", "4.4.1", about=lamp.our_id()) if kind == "delayed" else dsn()
    row = take(raw)
    assert row.state == "ignored"
    assert count(MailBlock) == 0
    assert count(Ticket) == 1


def test_files_come_along_and_what_cannot_is_told(take: Take) -> None:
    files = [("a.png", "image/png", png()), ("b.exe", "application/pdf", b"MZ" * 300)]
    row = take(with_files(*files))
    ticket = newest_ticket()
    assert [each.content_type for each in ticket.attachments] == ["image/jpeg"]
    assert "b.exe" in row.reason
    [told] = db.session().scalars(select(Delivery).where(Delivery.kind == "sender_files"))
    assert told.payload["values"]["files"] == ["b.exe"]


def test_a_mail_over_the_limit_is_answered_once(take: Take) -> None:
    head = mail("", subject="Big").split(b"\r\n\r\n")[0]
    row = take(head, size=40_000_000)
    take(head, size=40_000_000)
    assert (row.state, count(Ticket)) == ("ignored", 0)
    [told] = db.session().scalars(select(Delivery))
    assert told.kind == "sender_too_large"


def test_a_mail_that_kills_its_worker_is_given_up_after_three(take: Take) -> None:
    with db.transaction():
        mail_id = receiving.receive(mail())
    for _ in range(receiving.MOST_TRIES):
        with db.transaction():
            assert receiving.begin(mail_id)
    tasks.take(mail_id)
    db.session().rollback()
    assert db.session().get_one(InboundMail, mail_id).state == "failed"
    assert count(Ticket) == 0


@pytest.mark.parametrize(
    "raw", [b"\x00\xff", b"From: x\r\n\r\n", b"hello", mail("", subject="", sender="")]
)
def test_every_mail_is_something(take: Take, raw: bytes) -> None:
    assert take(raw).state == "taken"
    assert newest_ticket().title


def test_files_of_a_mailed_note_stay_with_the_note(
    take: Take, lamp: SimpleNamespace, people: SimpleNamespace, sign_in: Any, app: Flask
) -> None:
    with db.transaction():
        ticket = db.session().get_one(Ticket, lamp.id)
        tickets.add_note(ticket, body="@Andres look", actor=people.amihan.actor)
        token = ticket.follow_token
    noted = lamp.our_id(f"user:{people.andres.id}")
    plan = ("plan.png", "image/png", png())
    take(with_files(plan, body="Inside.", sender=people.andres.email, in_reply_to=noted))
    [file] = db.session().scalars(select(Attachment))
    assert file.note_id == lamp.now().notes[-1].id
    agent, outside, own = sign_in(people.andres), app.test_client(), f"/files/{file.id}"
    assert own in agent.get(f"/tickets/{lamp.ref}").text.split('id="message-note-')[-1]
    assert agent.get(f"/tickets/{lamp.ref}{own}").status_code == 200
    assert own not in outside.get(f"/follow/{token}").text
    assert outside.get(f"/follow/{token}{own}").status_code == 404


def test_a_team_says_itself_what_an_answer_to_a_finished_ticket_does(
    take: Take, lamp: SimpleNamespace, mailbox: Mailbox, people: SimpleNamespace, sign_in: Any
) -> None:
    admin = sign_in(people.amihan)
    admin.post("/settings/teams", data={"name": "Lights", "closed_rule": "new", "closed_days": "3"})
    with db.transaction() as session:
        team = session.scalars(select(Team)).one()
        tickets.set_team(session.get_one(Ticket, lamp.id), team, actor=people.amihan.actor)
    finish(lamp.id, people.andres)
    take(mail("It is dark again.", in_reply_to=lamp.our_id()))
    assert lamp.now().status == "resolved"
    assert newest_ticket().id != lamp.id


def test_old_mails_and_their_originals_are_let_go(
    take: Take, mailbox: Mailbox, time_machine: Any
) -> None:
    gone = take(mail("Long ago")).storage_key
    with db.transaction():
        db.session().get_one(Mailbox, mailbox.id).kept_days = 30
    time_machine.move_to(datetime.now(UTC) + timedelta(days=20))
    new = take(mail("Of late", message_id="<new@x>"))
    kept, new_id = new.storage_key, new.id
    assert tasks.prune() == {"incoming mails": 0}
    time_machine.move_to(datetime.now(UTC) + timedelta(days=11))
    assert tasks.prune() == {"incoming mails": 1}
    db.session().rollback()
    assert [row.id for row in db.session().scalars(select(InboundMail))] == [new_id]
    with pytest.raises(NotFound):
        storage.read(gone)
    assert storage.read(kept)
    assert count(Ticket) == 2, "what was made of them stays"
