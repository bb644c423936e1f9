"""Why a ticket left the list that somebody looks at."""

from __future__ import annotations

import pytest

from tests.tickets.make import make_ticket
from webapp.core.db import transaction
from webapp.tickets import actions


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


def reasons(client, query: str, *ids: int) -> dict[str, str]:
    return client.get(f"/tickets/left?{query}&ids={','.join(map(str, ids))}").json


def test_each_says_what_it_is_now(desk, people) -> None:
    done, theirs, stays = make_ticket(), make_ticket(), make_ticket()
    with transaction():
        actions.change_status(done, status="resolved", actor=people.andres.actor)
        for ticket in (theirs, stays):
            actions.assign(ticket, assignee=people.andres, actor=people.amihan.actor)
        actions.assign(theirs, assignee=people.amihan, actor=people.amihan.actor)
    assert reasons(desk, "assignee=me", done.id, theirs.id, stays.id, 999) == {
        str(done.id): "now: Resolved",
        str(theirs.id): "now with Amihan",
        "999": "no longer here",
    }
    assert reasons(desk, "category=Flooding", stays.id) == {str(stays.id): "now: Street lights"}
    assert reasons(desk, "q=nosuchword", stays.id) == {str(stays.id): "no longer fits the filters"}


def test_nonsense_is_no_ticket(desk) -> None:
    assert desk.get("/tickets/left?ids=,x,-1,1e9,99999999999999999999").json == {}
    assert desk.get("/tickets/left").json == {}
