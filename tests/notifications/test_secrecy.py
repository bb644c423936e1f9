"""What staff write among themselves reaches no reporter: on no way, by no kind of event, in no order."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.notifications.conftest import Left
from tests.tickets.make import ROSA, make_ticket
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.events.queries import history_of
from webapp.notifications import preferring, summaries
from webapp.notifications.kinds import CHANNELS, KINDS
from webapp.notifications.models import Notice, WaitingNews
from webapp.outbox.models import Delivery
from webapp.push.models import PushDevice
from webapp.tickets import actions
from webapp.tickets.models import Ticket
from webapp.tickets.portal.models import Follower

CANARY = "CANARY"
EVERYTHING = {kind: list(CHANNELS) for kind in KINDS}
Deed = Callable[[Ticket, SimpleNamespace], object]


@pytest.fixture
def listening(people: SimpleNamespace) -> SimpleNamespace:
    """Everybody takes everything on every way, reporters too."""
    with transaction() as current:
        for n, person in enumerate(vars(people).values()):
            preferring.choose(person, EVERYTHING)
            current.add(
                PushDevice(
                    user_id=person.id,
                    endpoint=f"https://push.example/{n}",
                    p256dh="p",
                    auth="a",
                    key="k",
                    browser=f"b{n}",
                    label="Phone",
                    created_at=clock.now(),
                )
            )
    return people


def _note(body: str) -> Deed:
    return lambda ticket, people: actions.add_note(ticket, body=body, actor=people.andres.actor)


def _status(ticket: Ticket, people: SimpleNamespace) -> None:
    new = "open" if ticket.status == "in_progress" else "in_progress"
    actions.change_status(ticket, status=new, actor=people.andres.actor)


def _merge(ticket: Ticket, people: SimpleNamespace) -> None:
    other = make_ticket(title="The same")
    actions.add_note(other, body=f"{CANARY} same lamp", actor=people.andres.actor)
    actions.merge_ticket(other, into=ticket, actor=people.andres.actor)


def _edit(ticket: Ticket, people: SimpleNamespace) -> None:
    wanted = {"place": f"{CANARY} behind the shop {secrets.token_hex(2)}"}
    actions.edit_ticket(ticket, wanted, actor=people.fina.actor)


def _assign(ticket: Ticket, people: SimpleNamespace) -> None:
    actions.assign(ticket, assignee=session().merge(people.fina), actor=people.andres.actor)


def _watch(ticket: Ticket, people: SimpleNamespace) -> None:
    actions.watch(ticket, user=session().merge(people.amihan), actor=people.amihan.actor)


DEEDS: dict[str, Deed] = {
    "note": _note(f"{CANARY} he lies"),
    "mention": _note(f"{CANARY} @Fina @Amihan"),
    "mention_reporter": _note(f"{CANARY} @Rosa @Nadia @Felix"),
    "respond": lambda t, people: actions.respond(t, body="We come.", actor=people.andres.actor),
    "answer": lambda t, _: actions.respond(t, body="Dark.", actor=ROSA),
    "priority": lambda t, people: actions.set_priority(t, 5 - t.priority, actor=people.fina.actor),
    "tag": lambda t, people: actions.set_tags(t, [CANARY], actor=people.fina.actor),
    "status": _status,
    "merge": _merge,
    "edit": _edit,
    "assign": _assign,
    "watch": _watch,
}


def _outside(people: SimpleNamespace) -> list[str]:
    """All that has reached or is on its way to people who are no staff."""
    ids = [people.rosa.id, people.nadia.id, people.felix.id]
    addresses = {"rosa@example.org", "nadia@example.org", "felix@example.org", "flo@example.org"}
    devices = set(session().scalars(select(PushDevice.id).where(PushDevice.user_id.in_(ids))))
    found = [f"{n.title} {n.text}" for n in _of(Notice, ids)]
    found += [f"{n.title} {n.text}" for n in _of(WaitingNews, ids)]
    for delivery in session().scalars(select(Delivery)):
        payload = delivery.payload
        if payload.get("to_address") in addresses or payload.get("device") in devices:
            found.append(f"{payload} {delivery.summary}")
    return found


def _of(model: type[Notice | WaitingNews], ids: list[int]) -> list[Notice | WaitingNews]:
    return list(session().scalars(select(model).where(model.user_id.in_(ids))))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(DEEDS)), min_size=1, max_size=10), st.booleans())
def test_no_word_of_a_note_reaches_who_is_no_staff(
    left: Left, listening: SimpleNamespace, deeds: list[str], quiet: bool
) -> None:
    people = listening
    with transaction():
        for person in (people.rosa, people.nadia):
            preferring.choose(person, EVERYTHING, quiet=quiet, quiet_from=0, quiet_to=1439)
    ticket = make_ticket(place="")
    with transaction() as current:
        current.add(
            Follower(
                ticket_id=ticket.id,
                email="flo@example.org",
                token=secrets.token_urlsafe(32),
                created_at=clock.now(),
                confirmed_at=clock.now(),
            )
        )
    for deed in deeds:
        with transaction():
            DEEDS[deed](session().get_one(Ticket, ticket.id), people)
    summaries.send_due()
    outside = _outside(people)
    assert outside, "the reporter is told something"
    assert CANARY not in "".join(outside)
    staff = {f"user:{person.id}" for person in (people.amihan, people.andres, people.fina)}
    heard = [toast for toast in left.toasts if not set(toast.topics) <= staff]
    assert CANARY not in str(heard)
    public = history_of("ticket", ticket.id, public_only=True)
    assert CANARY not in str([event.data for event in public])
    if "mention" in deeds:
        told = session().scalars(select(Delivery.payload)).all()
        assert CANARY in str(told), "those whom it names do get it"


def test_the_reporters_own_pages_hold_none_of_it(
    listening: SimpleNamespace, sign_in: Callable[..., object], client: object
) -> None:
    ticket = make_ticket(place="")
    for deed in ("mention_reporter", "mention", "respond", "status"):
        with transaction():
            DEEDS[deed](session().get_one(Ticket, ticket.id), listening)
    rosa = sign_in(listening.rosa)
    for path in ("/notifications", "/notifications/newest", "/api/notifications"):
        text = rosa.get(path).get_data(as_text=True)  # type: ignore[attr-defined]
        assert "responded to your report" in text
        assert CANARY not in text
    follow = client.get(f"/follow/{ticket.follow_token}")  # type: ignore[attr-defined]
    assert CANARY not in follow.get_data(as_text=True)
