"""Admins are mailed once per incident, and in the morning what is stuck. Never once per run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from tests.outbox.ways import FakeWay, put
from webapp.accounts import actions as accounts
from webapp.core import clock, db
from webapp.core.errors import RemoteError
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor, Fact
from webapp.notifications.incidents import incident_of
from webapp.notifications.stuck import digest_day, stuck
from webapp.notifications.tasks import send_digests
from webapp.outbox import channels, deliver
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.events import (
    ConnectionFailing,
    ConnectionPaused,
    LargeImport,
    SyncRecovered,
    SyncStillFailing,
    TokenExpires,
)
from webapp.sync.models import Connection, Quarantine, ValueMap

AMIHAN = Actor("user", 1, "Amihan")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # in Manila
EIGHT = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # in Manila


@pytest.fixture
def travel(people: SimpleNamespace) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def mails(kind: str = "admin_incident") -> list[Delivery]:
    db.session().rollback()
    found = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
    return list(db.session().scalars(found))


def titles() -> list[str]:
    return [item["text"] for mail in mails() for item in items(mail)]


def items(mail: Delivery) -> list[dict[str, str]]:
    """What it says: what came before it left has joined it."""
    return [item for group in mail.payload["groups"] for item in group["items"]]


def happen(fact: Fact, actor: Actor = SYSTEM) -> None:
    with db.transaction():
        record(fact, actor=actor)


def second_failure(run: int = 7) -> SyncStillFailing:
    return SyncStillFailing(
        subject_id=3,
        name="Naga",
        run_id=run,
        error_kind="server",
        error="It is ill.",
        advice="Wait.",
    )


def connection(name: str = "Naga") -> Connection:
    with db.transaction():
        return actions.create_connection(
            kind="mynaga", name=name, base_url="https://naga.example", secret="s" * 20, actor=AMIHAN
        )


def test_the_second_failure_in_a_row_is_told_to_admins_alone(
    people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    happen(second_failure())
    [mail] = mails()
    assert mail.payload["to_address"] == people.amihan.email
    assert mail.payload["values"]["title"] == "Naga cannot be read"
    assert mail.payload["values"]["url"].endswith("/connections/3/runs")


def test_the_same_incident_is_told_once_however_often_it_is_said(
    travel: time_machine.Traveller,
) -> None:
    for _ in range(3):
        happen(second_failure())
    assert len(titles()) == 1
    happen(second_failure(run=99))
    assert len(titles()) == 2, "another incident is told again"
    assert len(mails()) == 1, "in the same mail, as it has not left"


def test_each_admin_is_told_and_one_who_may_no_longer_is_not(
    people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    with db.transaction():
        accounts.edit_user(people.andres, role="admin", actor=AMIHAN)
        accounts.edit_user(people.fina, role="admin", actor=AMIHAN)
    with db.transaction():
        accounts.edit_user(people.fina, active=False, actor=AMIHAN)
    happen(second_failure())
    assert {mail.payload["to_address"] for mail in mails()} == {
        people.amihan.email,
        people.andres.email,
    }


def test_recovery_is_told_only_to_those_who_were_told_of_the_failure(
    travel: time_machine.Traveller,
) -> None:
    happen(SyncRecovered(subject_id=3, name="Naga", run_id=8, failures=1))
    assert titles() == []
    happen(SyncRecovered(subject_id=3, name="Naga", run_id=9, failures=2))
    assert titles() == ["Naga works again"]


@pytest.mark.parametrize(
    ("fact", "actor", "expected"),
    [
        (
            ConnectionPaused(subject_id=3, name="Naga", state="auth_error", reason="no"),
            SYSTEM,
            "Naga is paused",
        ),
        (
            ConnectionPaused(subject_id=3, name="Naga", state="paused", reason="120 hours"),
            SYSTEM,
            "Naga is paused",
        ),
        (ConnectionPaused(subject_id=3, name="Naga", state="paused", reason=""), AMIHAN, None),
        (ConnectionPaused(subject_id=3, name="Naga", state="degraded", reason=""), SYSTEM, None),
        (
            ConnectionFailing(subject_id=3, name="Naga", way="push", hours=61),
            SYSTEM,
            "Naga has been out of reach for days",
        ),
        (
            LargeImport(subject_id=3, name="Naga", run_id=5, created=812, kinds={"ticket": 812}),
            SYSTEM,
            "New from Naga: 812 tickets",
        ),
        (
            TokenExpires(subject_id=3, name="Naga", days=7, at="2026-03-09T00:00:00+00:00"),
            SYSTEM,
            "The token of Naga expires within 7 days",
        ),
        (
            TokenExpires(subject_id=3, name="Naga", days=1, at="2026-03-09T00:00:00+00:00"),
            SYSTEM,
            "The token of Naga expires within 1 day",
        ),
        (
            TokenExpires(subject_id=3, name="Naga", days=0, at="2026-03-09T00:00:00+00:00"),
            SYSTEM,
            "The token of Naga has expired",
        ),
    ],
)
def test_what_admins_are_told_of(
    fact: Fact, actor: Actor, expected: str | None, travel: time_machine.Traveller
) -> None:
    happen(fact, actor)
    assert titles() == ([expected] if expected else [])


def test_a_large_first_import_over_several_runs_is_one_mail_a_day(
    travel: time_machine.Traveller,
) -> None:
    for run in range(4):
        happen(
            LargeImport(subject_id=3, name="Naga", run_id=run, created=812, kinds={"ticket": 812})
        )
    assert len(titles()) == 1
    travel.shift(timedelta(days=1))
    happen(LargeImport(subject_id=3, name="Naga", run_id=9, created=812, kinds={"ticket": 812}))
    assert len(titles()) == 2


def test_times_stand_in_the_zone_of_whoever_reads_them(app: object) -> None:
    fact = TokenExpires(subject_id=3, name="Naga", days=7, at="2026-03-08T23:30:00+00:00")
    found = incident_of(fact, actor=SYSTEM, event_id=1, now=NOON, zone=ZoneInfo("Asia/Manila"))
    assert found is not None
    assert "2026-03-09 07:30" in found.text


def test_the_first_parked_delivery_of_a_target_is_told_and_the_next_ones_are_not(
    travel: time_machine.Traveller,
) -> None:
    way = FakeWay(script=[RemoteError("no", kind="rejected", http_status=422)] * 3)
    channels.register(way)
    for n in range(3):
        put(str(n), lane=str(n))
    deliver.drain("far")
    assert titles() == ["A change could not be sent"]


def test_a_parked_mail_to_an_admin_causes_no_further_mail(
    people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    channels.register(FakeWay(script=[RemoteError("no", kind="rejected", http_status=550)]))
    put("0", kind="admin_incident")
    deliver.drain("far")
    assert [mail for mail in mails() if mail.channel == "mail"] == []


def test_every_mail_can_be_written_in_text_and_html(travel: time_machine.Traveller) -> None:
    from webapp.mail.compose import Letter, compose

    happen(second_failure())
    quarantine(connection())
    travel.move_to(EIGHT)
    send_digests()
    for mail in mails() + mails("admin_digest"):
        letter = Letter(
            template=mail.kind,
            to_address=mail.payload["to_address"],
            to_name="Amihan",
            values=mail.payload["values"],
            message_id="<1@desk.example>",
        )
        whole = compose(letter, sender="Desk <desk@example.org>", date=NOON).decode()
        assert "text/plain" in whole
        assert "text/html" in whole


def quarantine(it: Connection) -> None:
    with db.transaction() as session:
        now = clock.now()
        session.add(
            Quarantine(
                connection_id=it.id,
                external_id="x",
                payload={},
                reason="no",
                first_seen_at=now,
                last_seen_at=now,
            )
        )
        session.add(
            ValueMap(connection_id=it.id, field="status", upstream="?", first_seen_at=now, count=1)
        )


def test_the_digest_says_what_is_stuck_once_a_morning(travel: time_machine.Traveller) -> None:
    quarantine(connection())
    with db.transaction() as session:
        actions.pause(session.scalars(select(Connection)).one(), actor=AMIHAN, reason="works")
    travel.move_to(EIGHT)
    for _ in range(3):
        send_digests()
        travel.shift(timedelta(minutes=2))

    [mail] = mails("admin_digest")
    [part] = mail.payload["values"]["parts"]
    assert part["name"] == "Naga"
    assert part["lines"] == [
        "Paused: works",
        "1 record could not be read.",
        "1 value is not mapped.",
    ]
    travel.move_to(EIGHT + timedelta(days=1))
    send_digests()
    assert len(mails("admin_digest")) == 2, "it is still stuck the next day"


def test_no_digest_leaves_when_nothing_is_stuck_nor_later_that_day(
    travel: time_machine.Traveller,
) -> None:
    it = connection()
    travel.move_to(EIGHT)
    send_digests()
    quarantine(it)
    travel.shift(timedelta(hours=1))
    send_digests()
    assert mails("admin_digest") == []


def test_each_admin_gets_it_in_their_own_morning(
    people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    quarantine(connection())
    with db.transaction():
        accounts.edit_user(people.andres, role="admin", timezone="Europe/Paris", actor=AMIHAN)
    travel.move_to(EIGHT)
    send_digests()
    assert [mail.payload["to_address"] for mail in mails("admin_digest")] == [people.amihan.email]
    travel.move_to(EIGHT + timedelta(hours=7))
    send_digests()
    assert mails("admin_digest")[-1].payload["to_address"] == people.andres.email


def test_held_deliveries_count_after_an_hour(travel: time_machine.Traveller) -> None:
    it = connection()
    channels.register(FakeWay(hold=channels.Hold("It waits.")))
    put("0", target=it.target)
    deliver.drain(it.target)
    assert stuck() == []
    travel.shift(timedelta(hours=2))
    assert stuck()[0].lines == ["1 delivery has been held for an hour or more."]


@pytest.mark.parametrize(
    ("hour", "expected"), [(7, None), (8, "2026-03-02"), (11, "2026-03-02"), (12, None)]
)
def test_the_morning_is_from_eight_to_noon(hour: int, expected: str | None) -> None:
    zone = ZoneInfo("Asia/Manila")
    assert digest_day(datetime(2026, 3, 2, hour, 30, tzinfo=zone), zone) == expected
