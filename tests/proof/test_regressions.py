"""What other connectors have lost rows by, one after another (sync.md, finding 1), and what each guard is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from tests.proof.invariants import check_books, check_both_sides, fresh, traces
from tests.proof.weather import at_call, during_call
from tests.proof.wire import ANSWERED
from tests.proof.world import LEASE_S, World
from webapp.core import db
from webapp.outbox.models import Delivery
from webapp.sync.models import Conflict, Connection, Link, Run
from webapp.sync.pull import loop
from webapp.tickets.models import Ticket

Make = Callable[..., World]


def ready(world: Make, count: int = 3, **options: Any) -> tuple[World, list[str]]:
    """A desk in step with some reports, some minutes after its first pull of the day."""
    here = world(**options)
    reports = [here.add(status="Submitted", category="Road") for _ in range(count)]
    here.connect()
    here.pass_(60)
    assert here.pull() == "ok"
    here.pass_(120)
    return here, reports


def watermark(here: World) -> datetime | None:
    return fresh().get_one(Connection, here.connection_id).watermark


def ticket(report: str) -> Ticket:
    query = select(Ticket).join(Link, Link.local_id == Ticket.id)
    return fresh().scalars(query.where(Link.external_id == report)).one()


def in_step(here: World) -> None:
    check_books(here.connection_id)
    check_both_sides(here.connection_id, here.all_there())


def test_estuary_5205_two_changes_in_one_second_are_two_changes(world: Make) -> None:
    here, (report, *_) = ready(world, versions=False)
    here.edit(report, category="Water")
    here.pull()
    here.edit(report, category="Noise")  # in the same second, and nothing but the content says so
    here.add(category="Light")

    here.pull()

    assert ticket(report).category == "Noise"
    in_step(here)


def test_estuary_5205_a_page_full_of_equal_times_is_walked_through(world: Make) -> None:
    here, _ = ready(world, 9, versions=False)

    assert traces()["ticket"] == 9
    in_step(here)


@pytest.mark.parametrize("call", range(4))
def test_airbyte_21500_rows_that_move_between_pages_are_not_lost(world: Make, call: int) -> None:
    here = world()
    reports = [here.add(category="Road") for _ in range(7)]
    here.connect()

    def others_work() -> None:
        here.pass_(5)
        here.edit(reports[0], category="Water")
        here.edit(reports[call], category="Noise")
        here.add(category="Light")

    here.wire.meddle = during_call(call, ANSWERED, others_work)
    assert here.pull() == "ok"
    here.wire.meddle = None
    assert here.pull() == "ok"

    assert traces()["ticket"] == 8
    in_step(here)


def test_airbyte_27146_what_becomes_visible_late_is_found(world: Make) -> None:
    here, (report, *_) = ready(world)
    here.edit(report, category="Water")
    here.pull()
    stamp = here.their_now() - timedelta(seconds=600)
    here.add(category="Noise", created=stamp)
    here.pass_(30)

    here.pull()

    assert traces()["ticket"] == 4
    in_step(here)


@pytest.mark.parametrize("time", [None, "0001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_posthog_103163_a_record_without_a_usable_time_is_taken_and_moves_nothing(
    world: Make, time: str | None
) -> None:
    here, (report, *_) = ready(world)
    before = watermark(here)
    odd = {
        **here.there(report),
        "id": "NAGA-ODD",
        "updatedAt": time,
        "createdAt": "2026-11-01T00:00:00Z",
    }
    page = httpx.Response(200, json={"data": [odd], "nextCursor": None})
    here.wire.meddle = lambda _when, _request: page

    assert here.pull() == "ok"

    assert ticket("NAGA-ODD").category == "Road"
    assert watermark(here) == before


def test_utopia_794_a_failed_run_does_not_move_the_watermark(world: Make) -> None:
    here, reports = ready(world, 5)
    before = watermark(here)
    for report in reports:
        here.edit(report, category="Water")
    here.wire.meddle = at_call(1, "sign-in page")

    assert here.pull() == "failed"

    assert watermark(here) == before
    here.wire.meddle = None
    assert here.pull() == "ok"
    in_step(here)


def test_dreamcontext_185_our_own_push_does_not_move_the_watermark(world: Make) -> None:
    here, reports = ready(world)
    before = watermark(here)
    here.pass_(50)
    here.edit(reports[1], category="Water")
    here.pass_(2000)
    here.decide(reports[0], "resolved")
    here.push()

    assert here.there(reports[0])["status"] == "Resolved"
    assert watermark(here) == before
    here.pull()
    assert ticket(reports[1]).category == "Water"
    in_step(here)


def test_the_watermark_is_the_newest_time_applied_and_no_clock_of_ours(world: Make) -> None:
    here, (report, *_) = ready(world, skew=timedelta(seconds=-540))
    here.pass_(3000)
    here.edit(report, category="Water")
    newest = datetime.fromisoformat(here.there(report)["updatedAt"])
    here.pass_(3000)

    here.pull()
    here.pull()

    assert watermark(here) == newest


def test_our_lost_value_that_comes_back_after_we_moved_on_is_no_conflict(world: Make) -> None:
    here, (report, *_) = ready(world)
    here.decide(report, "closed")
    here.wire.meddle = at_call(0, "lost")
    here.push()
    here.wire.meddle = None
    here.decide(report, "resolved")

    here.pull()

    assert ticket(report).status == "resolved"
    assert fresh().scalars(select(Conflict)).all() == []
    here.settle()
    assert here.there(report)["status"] == "Resolved"
    in_step(here)


def test_a_page_from_before_our_push_is_read_again(world: Make) -> None:
    here, (report,) = ready(world, 1, versions=False)
    here.decide(report, "resolved")
    here.edit(report, category="Water")
    here.wire.meddle = during_call(0, ANSWERED, lambda: here.elsewhere(here.push))

    here.pull()
    here.wire.meddle = None

    assert ticket(report).status == "resolved"
    assert [run.deferred for run in fresh().query(Run).order_by(Run.id)][-1] == 1
    here.settle()
    assert ticket(report).status == "resolved"
    in_step(here)


def test_a_change_of_another_field_leaves_our_unsent_status(world: Make) -> None:
    here, (report, *_) = ready(world)
    here.decide(report, "resolved")
    here.edit(report, category="Water")

    here.pull()

    assert (ticket(report).status, ticket(report).category) == ("resolved", "Water")
    here.settle()
    in_step(here)


def test_a_success_that_nobody_can_read_is_looked_up(world: Make) -> None:
    """A sign-in page with status 200 in place of the upstream: nothing has changed there."""
    here, (report, *_) = ready(world)
    here.decide(report, "resolved")
    here.wire.meddle = at_call(0, "sign-in page")
    here.push()
    here.wire.meddle = None

    assert fresh().scalars(select(Delivery)).one().state == "retrying"
    here.settle()

    assert here.there(report)["status"] == "Resolved"
    assert ticket(report).status == "resolved"
    in_step(here)


def test_a_killed_pull_goes_on_from_its_last_page(world: Make) -> None:
    """What was applied is not asked for again, however large the list."""
    here = world()
    for _ in range(10):  # five pages
        here.add(status="Submitted")
    here.connect()
    here.make_due()
    here.wire.meddle = during_call(3, ANSWERED, lambda: here.points.arm(1))
    assert here.survive(here.pull)
    here.wire.meddle = None
    asked = len(here.wire.calls)

    here.pass_(LEASE_S)
    here.tick()
    here.work()

    assert asked == 4
    assert len(here.wire.calls) == asked + 2  # the page that was not applied, and the last
    assert traces()["ticket"] == 10


def test_a_second_puller_finds_the_lease_taken(world: Make) -> None:
    here, _ = ready(world)
    ends: list[str | None] = []

    def other() -> None:
        here.make_due()
        ends.append(loop.pull(here.connection_id, sleep=here.pass_))

    here.wire.meddle = during_call(0, ANSWERED, lambda: here.elsewhere(other))

    assert here.pull() == "ok"
    assert ends == [None]


def test_one_record_cannot_have_two_links_nor_one_ticket_two_records(world: Make) -> None:
    ready(world)
    link = fresh().scalars(select(Link)).first()
    row = {column.name: getattr(link, column.name) for column in Link.__table__.columns}
    del row["id"]
    for other in ({"local_id": 999}, {"external_id": "NAGA-OTHER"}):
        with pytest.raises(IntegrityError), db.transaction() as session:
            session.execute(insert(Link).values({**row, **other}))
