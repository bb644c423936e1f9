"""Admins are mailed when the mailbox cannot be read, and when it works again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from tests.fakes.catcher import Catcher
from webapp.core.db import transaction
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.inbound.events import MailboxFailing, MailboxRecovered
from webapp.outbox import deliver

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)


def _fails() -> None:
    with transaction():
        record(MailboxFailing(subject_id=1, error="Login was refused."), actor=SYSTEM)


def _works_again() -> None:
    with transaction():
        record(MailboxRecovered(subject_id=1, failures=5), actor=SYSTEM)


def _text(catcher: Catcher, n: int) -> str:
    part = catcher.mails[n].get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


@pytest.mark.usefixtures("people")
def test_that_it_works_again_is_mailed_in_the_thread_of_its_failing(catcher: Catcher) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _fails()
        deliver.drain("mail")
        clock.shift(timedelta(minutes=10))
        _works_again()
        deliver.drain("mail")
    failing, again = catcher.mails
    assert [to for _, to in catcher.envelopes] == [["amihan@example.org"]] * 2
    assert "The mailbox cannot be read" in failing["Subject"]
    assert "Login was refused." in _text(catcher, 0)
    assert "https://desk.example/settings/mail-in" in _text(catcher, 0)
    assert "The mailbox works again" in again["Subject"]
    assert "What waited in it has been read." in _text(catcher, 1)
    assert "https://desk.example/mail-in" in _text(catcher, 1)
    assert again["In-Reply-To"] == failing["Message-ID"]
    assert "List-Unsubscribe" in again


@pytest.mark.usefixtures("people")
def test_within_minutes_it_joins_the_mail_that_has_not_left_or_waits(catcher: Catcher) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _fails()
        _works_again()
        deliver.drain("mail")
        assert len(catcher.mails) == 1
        assert _text(catcher, 0).index("cannot be read") < _text(catcher, 0).index("works again")
        clock.shift(timedelta(minutes=1))
        _fails()
        deliver.drain("mail")
        assert len(catcher.mails) == 1
        clock.shift(timedelta(minutes=4))
        deliver.drain("mail")
        assert "cannot be read" in _text(catcher, 1)


def test_who_does_not_see_to_it_hears_nothing(catcher: Catcher, people: SimpleNamespace) -> None:
    _fails()
    _works_again()
    deliver.drain("mail")
    assert {to for _, all_of in catcher.envelopes for to in all_of} == {people.amihan.email}
