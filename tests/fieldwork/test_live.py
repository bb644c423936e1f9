"""What open pages hear of jobs: planners everything, a field worker their own day alone, a ticket's page its jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.fieldwork.make import make_employee, make_job
from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.core import redis
from webapp.core.db import transaction
from webapp.events.types import SYSTEM
from webapp.fieldwork import actions
from webapp.realtime import stream

SignIn = Callable[[User], FlaskClient]


def heard() -> dict[str, str]:
    """topic → all that was published to it."""
    found: dict[str, str] = defaultdict(str)
    for entry in stream.newest(redis.client(), 100):
        for topic in entry.topics:
            found[topic] += entry.frame.decode()
    return found


def test_a_move_reaches_planners_the_crew_and_the_tickets_page(people: SimpleNamespace) -> None:
    ticket = make_ticket()
    job = make_job("Mine", (make_employee("Felix", user=people.felix.id),), ticket=ticket)
    redis.client().flushall()
    with transaction():
        actions.move_job(job, "working", actor=people.felix.actor)

    assert "job:changed" in heard()[f"job:{job.id}"]
    for topic in ("jobs", f"user:{people.felix.id}", f"ticket:{ticket.id}"):
        assert "jobs:changed" in heard()[topic]


def test_who_gets_a_job_is_told_and_who_loses_it_sees_it_go(people: SimpleNamespace) -> None:
    job = make_job("Mine", (make_employee("Felix", user=people.felix.id),))
    assert f"/my-day/{job.ref}" in heard()[f"user:{people.felix.id}"]
    redis.client().flushall()
    with transaction():
        actions.assign_crew(job, (), actor=SYSTEM)
    assert "jobs:changed" in heard()[f"user:{people.felix.id}"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("amihan", 200), ("andres", 200), ("fina", 403), ("felix", 403), ("nadia", 403)],
)
def test_only_planners_hear_of_all_jobs(
    people: SimpleNamespace, sign_in: SignIn, name: str, status: int
) -> None:
    client = sign_in(getattr(people, name))
    for topics in ("jobs", "job:1"):
        answer = client.get(f"/live/poll?topics={topics}")
        assert answer.status_code in ((200, 204) if status == 200 else (403,))
