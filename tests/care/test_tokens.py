"""Tokens from their first day to their last: replaced, refused, expiring, sealed anew."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from tests.fakes.upstreams import Fault
from tests.sync.conftest import AMIHAN, assert_in_no_row, connection_of, last_run, make_due
from tests.sync.test_push import decide, deliveries, send
from webapp.core import db, settings
from webapp.core.errors import Invalid, Misconfigured
from webapp.events.models import Event
from webapp.sync import actions, tasks, tokens
from webapp.sync.actions.caring import mark_of
from webapp.sync.mapping import jobs, working
from webapp.sync.mapping.models import MappingJob
from webapp.sync.models import ConnectionSecret
from webapp.sync.pull.loop import pull
from webapp.sync.reconcile import actions as reconcile
from webapp.sync.reconcile import walking
from webapp.sync.reconcile.models import Comparison

NEW = "a-new-token-that-nobody-knows"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def jwt(ends: datetime) -> str:
    parts = ({"alg": "HS256"}, {"exp": int(ends.timestamp())})
    packed = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    return ".".join([*packed, "signature"])


def replace(connection_id: int, secret: str = NEW) -> None:
    with db.transaction():
        actions.replace_secret(connection_of(connection_id), secret=secret, actor=AMIHAN)


def rows() -> list[ConnectionSecret]:
    db.session().rollback()
    db.session().expire_all()
    return list(db.session().scalars(select(ConnectionSecret).order_by(ConnectionSecret.id)))


def events(kind: str) -> list[Event]:
    db.session().rollback()
    return list(db.session().scalars(select(Event).where(Event.type == kind)))


def sync(connection_id: int) -> Any:
    make_due(connection_id)
    pull(connection_id, sleep=lambda _s: None)
    return last_run(connection_id)


def care() -> None:
    tasks.care()


# Replaced: the old one stands in for a day.


def test_when_the_new_token_is_refused_the_old_one_is_used_and_it_is_said_once(
    naga: Any, connect: Any
) -> None:
    connection_id = connect(naga)
    replace(connection_id)

    assert sync(connection_id).state == "ok"
    assert sync(connection_id).state == "ok"

    assert connection_of(connection_id).state == "active"
    [event] = events("connection.token_fell_back")
    assert event.data["last4"] == NEW[-4:]
    assert rows()[-1].refused_at is not None


def test_in_one_run_the_old_token_is_tried_once(naga: Any, connect: Any) -> None:
    connection_id = connect(naga, secret="wrong-token-1234")
    replace(connection_id)

    assert sync(connection_id).state == "failed"

    assert len(naga.calls) == 2
    assert connection_of(connection_id).state == "auth_error"


def test_a_new_token_that_works_after_all_ends_the_falling_back(naga: Any, connect: Any) -> None:
    connection_id = connect(naga)
    replace(connection_id, naga.token)
    naga.script(Fault("revoked"))
    assert sync(connection_id).state == "ok"
    assert rows()[-1].refused_at is not None

    assert sync(connection_id).state == "ok"

    assert rows()[-1].refused_at is None


def test_a_push_falls_back_as_well(naga: Any, connect: Any) -> None:
    report = naga.add(status="Submitted")
    connection_id = connect(naga)
    assert sync(connection_id).state == "ok"
    replace(connection_id)
    decide(report["id"], "resolved")

    send(connection_id)

    assert [each.state for each in deliveries(report["id"])] == ["sent"]
    assert naga.get(report["id"])["status"] == "Resolved"
    assert len(events("connection.token_fell_back")) == 1
    assert_in_no_row(naga.token)
    assert_in_no_row(NEW)


def test_a_comparison_and_a_dry_run_fall_back_as_well(naga: Any, connect: Any) -> None:
    connection_id = connect(naga)
    sync(connection_id)
    replace(connection_id)
    with db.transaction():
        connection = connection_of(connection_id)
        begun = reconcile.begin(connection, extent="all", actor=AMIHAN)
        job = jobs.begin(connection, kind=jobs.DRY_RUN, actor=AMIHAN)
        comparison_id, job_id = begun.id, job.id

    walking.compare(comparison_id, sleep=lambda _s: None)
    working.run_job(job_id)

    db.session().rollback()
    found = db.session().get_one(Comparison, comparison_id, populate_existing=True)
    assert (found.state, found.error) == ("done", "")
    tried = db.session().get_one(MappingJob, job_id, populate_existing=True)
    assert (tried.state, tried.error) == ("ok", "")
    assert len(events("connection.token_fell_back")) == 1


def test_after_a_day_the_old_token_is_deleted_and_no_longer_used(naga: Any, connect: Any) -> None:
    connection_id = connect(naga)
    with time_machine.travel(NOON, tick=False) as clock:
        replace(connection_id)
        clock.shift(timedelta(hours=23, minutes=59))
        care()
        assert len(rows()) == 2
        clock.shift(timedelta(minutes=2))
        assert tokens.read_fall_back(connection_of(connection_id)) == ""
        care()
    [left] = rows()
    assert left.last4 == NEW[-4:]
    assert sync(connection_id).state == "failed"
    assert connection_of(connection_id).state == "auth_error"


def test_a_third_token_leaves_the_working_one_as_fall_back_and_not_the_refused(
    naga: Any, connect: Any
) -> None:
    connection_id = connect(naga)
    replace(connection_id)
    assert sync(connection_id).state == "ok"

    replace(connection_id, "yet-another-token-1234")

    assert tokens.read_fall_back(connection_of(connection_id)) == naga.token
    assert len(rows()) == 2


def test_a_token_that_was_refused_is_no_fall_back(naga: Any, connect: Any) -> None:
    connection_id = connect(naga, secret="wrong-token-1234")
    assert sync(connection_id).state == "failed"

    replace(connection_id, naga.token)

    assert len(rows()) == 1
    assert sync(connection_id).state == "ok"


def test_an_admin_may_have_the_old_one_deleted_at_once(naga: Any, connect: Any) -> None:
    connection_id = connect(naga)
    replace(connection_id)
    with db.transaction():
        assert actions.forget_old_token(connection_of(connection_id), actor=AMIHAN)
    with db.transaction():
        assert not actions.forget_old_token(connection_of(connection_id), actor=AMIHAN)
    assert len(rows()) == 1
    assert len(events("connection.token_forgotten")) == 1


# Another address.


@pytest.mark.parametrize(
    "address",
    ["https://thief.example", "https://naga.example:8443", "http://naga.example"],
)
def test_another_host_port_or_an_unencrypted_line_asks_for_the_token_again(
    app: Flask, connect: Any, address: str
) -> None:
    connection_id = remote(connect)
    with pytest.raises(Invalid) as caught, db.transaction():
        actions.edit_connection(
            connection_of(connection_id), base_url=address, allow_http=True, actor=AMIHAN
        )
    assert "secret" in caught.value.fields
    assert connection_of(connection_id).base_url == "https://naga.example"


def test_with_another_address_the_old_token_is_deleted_at_once(app: Flask, connect: Any) -> None:
    connection_id = remote(connect)
    replace(connection_id)
    with db.transaction():
        actions.edit_connection(
            connection_of(connection_id),
            base_url="https://other.example",
            secret="token-for-the-other",
            actor=AMIHAN,
        )
    [left] = rows()
    assert left.host == "other.example"
    assert tokens.read_fall_back(connection_of(connection_id)) == ""


def test_a_row_moved_to_another_host_by_hand_cannot_be_opened(app: Flask, connect: Any) -> None:
    connection_id = remote(connect)
    replace(connection_id)
    with db.transaction():
        connection_of(connection_id).base_url = "https://thief.example"
    connection = connection_of(connection_id)
    with pytest.raises(Misconfigured):
        tokens.read(connection)
    assert tokens.read_fall_back(connection) == ""


def remote(connect: Any) -> int:
    from types import SimpleNamespace

    made: int = connect(SimpleNamespace(url="https://naga.example", token="token-of-naga-1234"))
    return made


# A token that says when it ends.


def test_the_end_of_a_jwt_is_read_from_itself(app: Flask, connect: Any) -> None:
    connection_id = remote(connect)
    replace(connection_id, jwt(NOON))
    assert rows()[-1].expires_at == NOON


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=8), None),
        (timedelta(days=7), 7),
        (timedelta(days=2), 7),
        (timedelta(days=1), 1),
        (timedelta(0), 0),
        (timedelta(days=-3), 0),
    ],
)
def test_the_marks_before_its_end(left: timedelta, expected: int | None) -> None:
    assert mark_of(NOON + left, NOON) == expected


def test_it_is_told_of_seven_days_ahead_one_day_ahead_and_when_it_is_over(
    app: Flask, connect: Any
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        connection_id = remote(connect)
        replace(connection_id, jwt(NOON + timedelta(days=10)))
        told = []
        for _ in range(24):
            care()
            care()
            told.append(len(events("connection.token_expires")))
            clock.shift(timedelta(hours=12))
    assert told[5:8] == [0, 1, 1], "after three days"
    assert told[17:19] == [1, 2], "after nine days"
    assert told[-1] == 3
    assert [event.data["days"] for event in events("connection.token_expires")] == [7, 1, 0]


def test_a_replaced_token_is_told_of_anew(app: Flask, connect: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        connection_id = remote(connect)
        for days in (6, 5):
            replace(connection_id, jwt(NOON + timedelta(days=days)))
            care()
    assert len(events("connection.token_expires")) == 2


# The key ring.


def rotate(app: Flask) -> Any:
    return app.test_cli_runner().invoke(args=["rotate-keys"])


def with_keys(*keys: bytes) -> None:
    ring = [SecretStr(key.decode()) for key in keys]
    settings.install(settings.current().model_copy(update={"tulay_secret_keys": ring}))


@pytest.fixture
def ring(app: Flask) -> Any:
    before = settings.current()
    yield [key.get_secret_value().encode() for key in before.tulay_secret_keys]
    settings.install(before)


def test_rotating_seals_everything_with_the_first_key_and_prints_no_secret(
    app: Flask, connect: Any, ring: Any
) -> None:
    connection_id = remote(connect)
    replace(connection_id)
    fresh = Fernet.generate_key()
    with_keys(fresh, *ring)

    answer = rotate(app)

    assert (answer.exit_code, answer.output) == (
        0,
        "Sealed anew: 2. Already under the first key: 0.\n",
    )
    assert rotate(app).output == "Sealed anew: 0. Already under the first key: 2.\n"
    with_keys(fresh)
    assert tokens.read(connection_of(connection_id)) == NEW
    assert tokens.read_fall_back(connection_of(connection_id)) == "token-of-naga-1234"


def test_what_no_key_opens_is_named_and_the_others_are_sealed(
    app: Flask, connect: Any, ring: Any
) -> None:
    connection_id = remote(connect)
    fresh, lost = Fernet.generate_key(), Fernet.generate_key()
    with db.transaction():
        lonely = ConnectionSecret(
            connection_id=connection_id,
            sealed=Fernet(lost).encrypt(b"[]").decode(),
            host="naga.example",
            last4="",
            created_at=NOON,
            created_by="x",
            retired_at=NOON,
        )
        db.session().add(lonely)
    with_keys(fresh, *ring)

    answer = rotate(app)

    assert answer.exit_code == 1
    assert "Sealed anew: 1." in answer.output
    assert "Naga" in answer.output
    with_keys(fresh)
    assert tokens.read(connection_of(connection_id)) == "token-of-naga-1234"
