"""The one state in words that matters most."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.sync import health
from webapp.sync.models import Connection, Run

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = NOON + timedelta(minutes=5)
PAST = NOON - timedelta(minutes=5)


def connection(**changes):
    usual = {"state": "active", "reason": "", "failures": 0, "next_pull_at": SOON}
    return Connection(**{**usual, **changes})


def run(**changes):
    usual = {
        "state": "ok",
        "pages": 6,
        "fetched": 600,
        "error": "",
        "advice": "",
        "started_at": PAST,
    }
    return Run(**{**usual, **changes})


LEASED = {"lease_token": "x", "lease_until": SOON, "next_pull_at": None}


@pytest.mark.parametrize(
    ("of", "last", "kind", "text"),
    [
        ({}, None, "ready", "Ready"),
        ({}, {}, "ready", "Ready"),
        (LEASED, {"state": "running"}, "syncing", "Syncing page 7"),
        (
            LEASED,
            {"state": "running", "total_hint": 900},
            "syncing",
            "Syncing page 7 of about 9",
        ),
        ({**LEASED, "lease_until": PAST}, {"state": "running"}, "ready", "Ready"),
        ({"not_before": SOON}, {}, "waiting", "Waiting: the server asked us to"),
        ({"not_before": PAST}, {}, "ready", "Ready"),
        ({"state": "paused", "reason": "stopped by Ana"}, {}, "paused", "Paused: stopped by Ana"),
        ({"state": "paused"}, {}, "paused", "Paused"),
        ({"state": "auth_error", "reason": "Revoked."}, {}, "paused", "Paused: Revoked."),
        ({"state": "degraded", "reason": "12 bad"}, {}, "degraded", "Degraded: 12 bad"),
        ({"failures": 2}, {"state": "failed", "error": "No answer."}, "error", "Error: No answer."),
        ({"next_pull_at": PAST}, {}, "late", "Late: no worker has taken this sync"),
        # What a person stopped is not late, whatever else is true of it.
        ({"state": "paused", "next_pull_at": PAST, "failures": 3}, {}, "paused", "Paused"),
    ],
)
def test_a_state_in_words(of, last, kind, text):
    found = health.health_of(connection(**of), run(**last) if last is not None else None, now=NOON)

    assert (found.kind, found.text) == (kind, text)


@pytest.mark.parametrize("state", ["auth_error", "paused"])
def test_what_stands_still_says_what_to_do(state):
    assert health.health_of(connection(state=state), None, now=NOON).advice


@pytest.mark.parametrize(
    ("problems", "parked", "text", "where"),
    [(2, 0, "2 problems", "Under Problems each"), (0, 1, "1 problem", "Under Deliveries each"),
     (2, 1, "3 problems", "Under Problems and Deliveries each")],
)  # fmt: skip
def test_what_waits_for_a_person_degrades_and_says_where(problems, parked, text, where):
    found = health.health_of(connection(), run(), now=NOON, problems=problems, parked=parked)

    assert (found.kind, found.text) == ("degraded", f"Degraded: {text}")
    assert where in found.advice


def test_late_points_to_worker_and_scheduler():
    found = health.health_of(connection(next_pull_at=PAST), None, now=NOON)

    assert "scheduler" in found.advice
    assert found.at == PAST
