"""What can go wrong with an upstream while pulling, and what is kept of it."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import select

from tests.fakes.upstreams import Fault, mynaga_server
from tests.sync.conftest import (
    AMIHAN,
    connection_of,
    counted,
    last_run,
    link_of,
    seeing,
    ticket_of,
)
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.sync import actions
from webapp.sync.models import Connection, Quarantine, ValueMap
from webapp.sync.pull.loop import pull


def events_of(connection_id, type_):
    return (
        seeing()
        .scalars(
            select(Event).where(
                Event.subject_kind == "connection",
                Event.subject_id == connection_id,
                Event.type == type_,
            )
        )
        .all()
    )


def let_it_try(connection_id):
    with db.transaction() as session:
        session.get_one(Connection, connection_id).not_before = None


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("down", "network"),
        ("unavailable", "server"),
        ("broken", "server"),
        ("html", "not_json"),
        ("huge", "too_large"),
        ("gzip_bomb", "too_large"),
        ("redirect", "redirect"),
        ("truncated", "network"),
        ("revoked", "unauthorized"),
        ("limited", "rate_limited"),
    ],
)
def test_each_failure_has_its_own_words_and_advice_and_loses_nothing(
    naga, connect, run, mode, kind
):
    connection_id = connect(naga)
    assert run(connection_id).state == "ok"
    watermark, before = connection_of(connection_id).watermark, counted()
    new = naga.add()
    naga.trouble(mode)

    failed = run(connection_id)

    assert (failed.state, failed.error_kind) == ("failed", kind)
    assert failed.error
    assert failed.advice
    assert naga.token not in failed.error + failed.advice
    assert connection_of(connection_id).watermark == watermark
    assert counted().ticket == before.ticket

    naga.well()
    let_it_try(connection_id)
    with db.transaction():
        if connection_of(connection_id).state == "auth_error":
            actions.replace_secret(connection_of(connection_id), secret=naga.token, actor=AMIHAN)
    assert run(connection_id).state == "ok"
    assert ticket_of(new["id"])


def test_a_redirect_never_carries_the_token_to_another_host(naga, connect, run):
    with mynaga_server(records=1) as thief:
        naga.trouble("redirect", to=f"{thief.url}/api/v1/reports")
        failed = run(connect(naga))

        assert failed.error_kind == "redirect"
        assert thief.calls == []


def test_an_incident_is_told_once_and_its_end_once(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    naga.trouble("broken")

    for _ in range(4):
        run(connection_id)

    assert len(events_of(connection_id, "connection.sync_failed")) == 1
    assert connection_of(connection_id).failures == 4
    naga.well()
    run(connection_id)
    run(connection_id)
    (recovered,) = events_of(connection_id, "connection.sync_recovered")
    assert recovered.data["failures"] == 4
    assert connection_of(connection_id).failures == 0


def test_a_stumble_is_tried_again_within_the_run(naga, connect, run):
    naga.script(Fault("down"), Fault("broken"))

    found = run(connect(naga))

    assert (found.state, found.created) == ("ok", 12)
    assert found.waited_s > 0


def test_a_refused_token_stops_the_pulls_until_it_is_replaced(naga, connect, run):
    connection_id = connect(naga, secret="mynaga-demo-revoked-e04f")

    failed = run(connection_id)

    assert failed.error_kind == "unauthorized"
    connection = connection_of(connection_id)
    assert (connection.state, connection.next_pull_at) == ("auth_error", None)
    assert "revoked" in connection.reason
    calls = len(naga.calls)
    assert run(connection_id).id == failed.id  # nothing was tried
    assert len(naga.calls) == calls

    with db.transaction():
        actions.replace_secret(connection, secret=naga.token, actor=AMIHAN)
    assert run(connection_id).state == "ok"


def test_a_missing_scope_says_which(naga, connect, run):
    failed = run(connect(naga, secret="mynaga-demo-nothing-90be"))

    assert failed.error_kind == "forbidden"
    assert "scope" in failed.error


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("90", 85, 91),
        (
            lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True),
            110,
            121,
        ),
        ("junk", 55, 61),
        ("-5", 55, 61),
        ("1000000000", 6 * 3600 - 5, 6 * 3600 + 1),
        (None, 55, 61),
    ],
)
def test_too_many_requests_waits_as_it_is_told(naga, connect, run, header, least, most):
    connection_id = connect(naga)
    naga.trouble("limited", retry_after=header() if callable(header) else header)

    failed = run(connection_id)

    assert failed.error_kind == "rate_limited"
    wait = (connection_of(connection_id).not_before - clock.now()).total_seconds()
    assert least <= wait <= most
    calls = len(naga.calls)
    assert pull(connection_id) is None
    assert len(naga.calls) == calls
    assert events_of(connection_id, "connection.sync_failed") == []


def test_an_endless_list_ends(naga, connect, run):
    for _ in range(300):
        naga.add()
    naga.trouble("endless")

    failed = run(connect(naga))

    assert (failed.state, failed.error_kind) == ("failed", "endless")


def test_an_expired_cursor_starts_the_window_again(connect, run):
    with mynaga_server(records=450, short_pages=False) as naga:
        naga.script(Fault("answer", path="/nowhere"))
        connection_id = connect(naga)
        assert run(connection_id, most_pages=1).state == "partial"
        naga.upstream.expire_cursors()

        found = run(connection_id)

        assert found.state == "ok"
        assert counted().ticket == counted().link == 450
        assert found.unchanged + found.created == 450


def test_a_budget_that_is_spent_goes_on_where_it_stopped(connect, run):
    with mynaga_server(records=650, short_pages=False) as naga:
        connection_id = connect(naga)
        states = [run(connection_id, most_pages=1).state for _ in range(4)]

        assert states == ["partial", "partial", "partial", "ok"]
        assert counted().ticket == 650
        assert connection_of(connection_id).cursor == {}
        assert len([c for c in naga.calls if c.path.endswith("/reports")]) == 4


def test_many_reports_of_one_moment_are_all_read(connect, run):
    """More ties than fit on a page."""
    moment = datetime(2026, 3, 1, 8, tzinfo=UTC)
    with mynaga_server() as naga:
        for _ in range(450):
            naga.add(created=moment, updated=moment)
        connection_id = connect(naga)

        assert run(connection_id).state == "ok"
        assert counted().ticket == 450
        assert connection_of(connection_id).watermark == moment


def test_a_report_that_becomes_visible_late_is_still_read(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    late = naga.add(updated=connection_of(connection_id).watermark - timedelta(minutes=10))

    run(connection_id)

    assert ticket_of(late["id"])


def test_the_watermark_never_goes_back_nor_beyond_what_was_read(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    first = connection_of(connection_id).watermark
    newest = max(
        datetime.fromisoformat(r["updatedAt"])
        for _, r in naga.upstream.reports.page(since=None, after=None, limit=100)
    )
    assert first == newest
    naga.add(updated=datetime(2019, 1, 1, tzinfo=UTC))

    run(connection_id)

    assert connection_of(connection_id).watermark == first


def test_a_time_far_in_the_future_does_not_move_the_watermark(naga, connect, run):
    naga.add(updated=datetime(2090, 1, 1, tzinfo=UTC))

    connection_id = connect(naga)
    found = run(connection_id)

    assert (found.state, found.created) == ("ok", 13)
    assert connection_of(connection_id).watermark <= clock.now()


def page_of(*records):
    return Fault(
        "answer",
        method="GET",
        path="/api/v1/reports",
        body=json.dumps({"data": list(records), "nextCursor": None}),
    )


def good(number, **changes):
    return {
        "id": f"N-{number}",
        "version": 1,
        "createdAt": "2026-03-01T08:00:00+08:00",
        "updatedAt": "2026-03-01T08:00:00+08:00",
        "category": "Pothole",
        "description": "A hole in the road.",
        "status": "Submitted",
        **changes,
    }


def test_a_malformed_record_waits_in_quarantine_and_stops_no_other(naga, connect, run):
    broken = [
        {"description": "no id"},
        good(2, createdAt="yesterday or so"),
        good(3, id=["a", "list"]),
        "not an object",
        None,
        good(6, description={"an": "object"}),
        good(7, createdAt="1970-01-01T00:00:00Z"),
    ]
    naga.script(page_of(good(1), *broken, good(9)))
    connection_id = connect(naga)

    found = run(connection_id)

    assert (found.state, found.created, found.quarantined, found.fetched) == ("ok", 2, 7, 9)
    kept = db.session().scalars(select(Quarantine).order_by(Quarantine.id)).all()
    assert len(kept) == 7
    assert all(each.reason for each in kept)
    assert {"description": "no id"} in [each.payload for each in kept]


def test_a_quarantined_record_that_comes_right_is_solved(naga, connect, run):
    naga.script(page_of(good(1), good(2, createdAt="yesterday")))
    connection_id = connect(naga)
    run(connection_id)
    naga.script(page_of(good(2, version=2)))

    found = run(connection_id)

    assert found.created == 1
    (kept,) = db.session().scalars(select(Quarantine)).all()
    assert (kept.external_id, kept.state) == ("N-2", "solved")


def test_the_same_bad_record_counts_up_and_is_listed_once(naga, connect, run):
    connection_id = connect(naga)
    for _ in range(3):
        naga.script(page_of(good(1, createdAt="?")))
        run(connection_id)

    (kept,) = db.session().scalars(select(Quarantine)).all()
    assert (kept.count, kept.state) == (3, "open")


def test_a_list_of_mostly_bad_records_stops_before_the_watermark_moves(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    watermark = connection_of(connection_id).watermark
    naga.script(page_of(*[good(n, createdAt="?") for n in range(30)], good(99)))

    found = run(connection_id)

    assert (found.state, found.error_kind) == ("failed", "quarantine")
    connection = connection_of(connection_id)
    assert (connection.state, connection.watermark) == ("degraded", watermark)
    assert run(connection_id).state == "ok"
    assert connection_of(connection_id).state == "active"


def test_an_empty_list_where_there_were_records_is_a_failure(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)
    with db.transaction() as session:
        session.get_one(Connection, connection_id).watermark = None
    naga.script(page_of())

    found = run(connection_id)

    assert (found.state, found.error_kind) == ("failed", "empty")


def test_the_wrong_shape_is_told(naga, connect, run):
    naga.script(Fault("answer", path="/api/v1/reports", body='{"items": []}'))

    assert run(connect(naga)).error_kind == "wrong_shape"


def test_an_error_inside_a_200_is_a_failure(naga, connect, run):
    connection_id = connect(naga, kind="mynaga", shape="observed", secret="wrong")
    with db.transaction():
        actions.edit_connection(
            connection_of(connection_id),
            base_url=naga.url + "/legacy",
            secret="wrong",
            actor=AMIHAN,
        )

    found = run(connection_id)

    assert (found.state, found.error_kind) == ("failed", "unauthorized")


def test_the_observed_shape_makes_tickets_too(naga, connect, run):
    connection_id = connect(naga, shape="observed")
    with db.transaction():
        connection = connection_of(connection_id)
        actions.edit_connection(connection, base_url=naga.url + "/legacy", actor=AMIHAN)
    first = run(connection_id)
    before = counted()

    again = run(connection_id)

    assert first.state == again.state == "ok", (first.error, again.error)
    assert first.created > 0
    assert (again.created, again.updated) == (0, 0)
    assert counted() == before


def test_an_unknown_status_is_kept_and_listed_and_guessed_by_nobody(naga, connect, run):
    new = naga.add(status="Under Review")
    connection_id = connect(naga)

    found = run(connection_id)

    assert (found.state, found.quarantined) == ("ok", 0)
    ticket = ticket_of(new["id"])
    assert (ticket.status, ticket.external_status) == ("open", "Under Review")
    (listed,) = db.session().scalars(select(ValueMap)).all()
    assert (listed.field, listed.upstream, listed.local, listed.count) == (
        "status",
        "Under Review",
        None,
        1,
    )
    assert listed.sample_external_id == new["id"]


def test_an_unknown_status_leaves_the_status_of_a_known_ticket(naga, connect, run):
    new = naga.add(status="In Progress")
    connection_id = connect(naga)
    run(connection_id)
    naga.edit(new["id"], status="Under Review")

    run(connection_id)

    assert ticket_of(new["id"]).status == "in_progress"
    assert ticket_of(new["id"]).external_status == "Under Review"


def test_mapping_an_unknown_status_moves_its_tickets_without_another_fetch(naga, connect, run):
    new = naga.add(status="Under Review")
    connection_id = connect(naga)
    run(connection_id)
    calls = len(naga.calls)

    with db.transaction():
        moved, _ = actions.map_value(
            connection_of(connection_id),
            field="status",
            upstream="Under Review",
            local="in_progress",
            actor=AMIHAN,
        )

    assert moved == 1
    assert ticket_of(new["id"]).status == "in_progress"
    assert len(naga.calls) == calls
    before = counted()
    again = run(connection_id)
    assert (again.updated, again.created) == (0, 0)
    assert counted() == before


def test_a_withdrawn_report_is_marked_and_its_ticket_stays(naga, connect, run):
    new = naga.add()
    connection_id = connect(naga)
    run(connection_id)
    naga.upstream.reports.withdraw(new["id"])

    found = run(connection_id)

    assert found.updated == 1
    assert ticket_of(new["id"])
    assert link_of(new["id"]).state == "withdrawn"
    assert run(connection_id).updated == 0


def test_a_next_page_on_another_host_is_not_followed(app, connect, run):
    with mynaga_server(records=1) as thief:
        declaration = {
            "name": "links",
            "title": "Links",
            "shapes": [
                {
                    "name": "only",
                    "title": "Only",
                    "auth": [{"kind": "bearer"}],
                    "list": {
                        "path": "/reports",
                        "items": "data",
                        "paging": [{"kind": "link", "next": "next"}],
                        "incremental": [{"kind": "full"}],
                    },
                    "record": {"id": "id"},
                    "fields": {"description": "description"},
                }
            ],
        }
        with mynaga_server() as naga:
            connection_id = connect(naga)
            with db.transaction():
                connection_of(connection_id).declaration = declaration
            naga.script(
                Fault(
                    "answer",
                    path="/reports",
                    body=json.dumps({"data": [good(1)], "next": f"{thief.url}/api/v1/reports"}),
                )
            )

            found = run(connection_id)

        assert (found.state, found.error_kind) == ("failed", "redirect")
        assert thief.calls == []
        assert last_run(connection_id).created == 1


def test_the_first_pull_of_a_day_looks_back_two_days(naga, connect, run):
    """What became visible later than the overlap allows for is found by the next morning."""
    connection_id = connect(naga)
    run(connection_id)
    very_late = naga.add(updated=connection_of(connection_id).watermark - timedelta(hours=30))
    run(connection_id)
    assert counted().ticket == 12

    with db.transaction() as session:
        session.get_one(Connection, connection_id).last_success_at = clock.now() - timedelta(days=1)
    run(connection_id)

    assert ticket_of(very_late["id"])
