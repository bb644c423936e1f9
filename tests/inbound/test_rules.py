"""Who is a machine, and where a mail belongs: the rules alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.inbound.mails import OURS, dsn, mail
from webapp.inbound import deciding, nature
from webapp.inbound.deciding import Known, OurMail, Verdict, decide
from webapp.inbound.message import read
from webapp.inbound.nature import nature_of

NOW = datetime(2026, 3, 10, tzinfo=UTC)
OWN = ("desk@desk.example",)
TOKEN = OURS[7:39]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"auto_submitted": "auto-replied"}, nature.AUTOMATIC),
        ({"auto_submitted": "auto-generated; x=y"}, nature.AUTOMATIC),
        ({"auto_submitted": "yes"}, nature.AUTOMATIC),
        ({"auto_submitted": "no"}, nature.PERSON),
        ({"auto_submitted": "No (a person)"}, nature.PERSON),
        ({"precedence": "bulk"}, nature.BULK),
        ({"precedence": "auto_reply"}, nature.AUTOMATIC),
        ({"list_id": "<list.example>"}, nature.BULK),
        ({"list_unsubscribe": "<mailto:x@y.z>"}, nature.BULK),
        ({"return_path": "<>"}, nature.AUTOMATIC),
        ({"return_path": "<ana@example.org>"}, nature.PERSON),
        ({"x_autoreply": "yes"}, nature.AUTOMATIC),
        ({"x_loop": "desk@desk.example"}, nature.OWN),
        ({"sender": "Desk <DESK@desk.example>"}, nature.OWN),
        ({"message_id": OURS}, nature.OWN),
        ({}, nature.PERSON),
    ],
)
def test_machines_are_told_from_people(headers: dict[str, str], kind: str) -> None:
    assert nature_of(read(mail(**headers)), own=OWN).kind == kind


@pytest.mark.parametrize(
    "headers",
    [
        {"sender": "no-reply@shop.example"},
        {"sender": "noreply@shop.example"},
        {"sender": "donotreply@shop.example"},
        {"sender": "postmaster@shop.example"},
        {"x_auto_response_suppress": "All"},
        {"x_auto_response_suppress": "OOF, AutoReply"},
        {"auto_submitted": "auto-replied"},
        {"sender": ""},
    ],
)
def test_some_are_never_answered_by_a_machine(headers: dict[str, str]) -> None:
    assert nature_of(read(mail(**headers)), own=OWN).answerable is False
    assert nature_of(read(mail()), own=OWN).answerable is True


def test_bounces_and_delays_are_themselves() -> None:
    assert nature_of(read(dsn()), own=OWN).kind == nature.BOUNCE
    assert nature_of(read(dsn("delayed", "4.0.0")), own=OWN).kind == nature.DELAYED


def test_confirmations_have_a_cap() -> None:
    assert nature.may_confirm(sent=9, alike=1)
    assert not nature.may_confirm(sent=10, alike=0)
    assert not nature.may_confirm(sent=2, alike=2)
    assert nature.subject_key("Re: AW: Lamp 12 broken") == nature.subject_key("lamp 7  Broken")


def known(**changes: object) -> Known:
    values = {"ticket_id": 7, "finished": False, "finished_at": None, "reporter": "ana@example.org",
              "staff": ("andres@example.org",)}  # fmt: skip
    return Known(**{**values, **changes})  # type: ignore[arg-type]


def verdict(
    raw: bytes,
    *,
    ours: OurMail | None = None,
    tagged: Known | None = None,
    ticket: Known | None = None,
    rule: str = deciding.REOPEN,
) -> Verdict:
    return decide(read(raw), ours=ours, of_ours=ticket, tagged=tagged, rule=rule, days=14, now=NOW)


def ours(
    role: str = "reporter", kind: str = "reporter_response", to: str = "ana@example.org"
) -> OurMail:
    return OurMail(7, role, kind, to)


def test_what_names_our_mail_is_an_answer_whoever_sends_it() -> None:
    got = verdict(mail(sender="x@other.example"), ours=ours(), ticket=known())
    assert got == Verdict(deciding.RESPONSE, 7, "thread")


@pytest.mark.parametrize(
    ("sender", "what"),
    [
        ("ana@example.org", deciding.RESPONSE),
        ("andres@example.org", deciding.NOTE),
        ("eve@example.org", deciding.NEW_TICKET),
        ("", deciding.NEW_TICKET),
    ],
)
def test_a_number_counts_only_for_who_belongs_to_the_ticket(sender: str, what: str) -> None:
    assert verdict(mail(sender=sender), tagged=known()).what == what


def test_nobody_without_an_address_belongs_to_a_ticket_without_a_reporter() -> None:
    assert verdict(mail(sender=""), tagged=known(reporter="")).what == deciding.NEW_TICKET


@pytest.mark.parametrize(
    ("kind", "sender", "what"),
    [
        ("agent_response", "andres@example.org", deciding.STAFF_RESPONSE),
        ("agent_mention", "andres@example.org", deciding.NOTE),
        ("agent_response", "eve@example.org", deciding.NOTE),
    ],
)
def test_staff_answer_in_their_name_and_notes_stay_inside(
    kind: str, sender: str, what: str
) -> None:
    answered = ours("user:4", kind, "andres@example.org")
    assert verdict(mail(sender=sender), ours=answered, ticket=known()).what == what


def test_a_follower_of_somebody_elses_ticket_does_not_speak_in_public() -> None:
    answered = ours("follower:3", "follower_status", "flo@example.org")
    assert (
        verdict(mail(sender="flo@example.org"), ours=answered, ticket=known()).what == deciding.NOTE
    )


@pytest.mark.parametrize(
    ("rule", "days_ago", "expected"),
    [
        (deciding.REOPEN, 400, Verdict(deciding.RESPONSE, 7, "thread", reopen=True)),
        (deciding.WITHIN, 3, Verdict(deciding.RESPONSE, 7, "thread", reopen=True)),
        (deciding.WITHIN, 15, Verdict(deciding.LINKED, 7, "thread")),
        (deciding.NEW, 0, Verdict(deciding.LINKED, 7, "thread")),
    ],
)
def test_an_answer_to_a_finished_ticket_follows_the_desk(
    rule: str, days_ago: int, expected: Verdict
) -> None:
    ticket = known(finished=True, finished_at=NOW - timedelta(days=days_ago))
    assert verdict(mail(), ours=ours(), ticket=ticket, rule=rule) == expected


def test_ids_tokens_and_numbers_are_found() -> None:
    got = read(
        mail(to=f"Desk <desk+{TOKEN}@desk.example>", subject="Re: [T-2026-000123] x", in_reply_to=OURS)
    )  # fmt: skip
    assert deciding.our_ids(got) == [OURS]
    assert deciding.reply_tokens(got) == [TOKEN]
    assert deciding.tags(got) == ["T-2026-000123"]
    assert deciding.our_ids(read(mail(in_reply_to="<tulay.1@x>"))) == []
