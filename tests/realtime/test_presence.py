"""Who looks, who writes, how many are active: told to staff alone, gone by itself."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from redis.client import Pipeline

from tests.counting import statements
from webapp.core import clock, db
from webapp.core import redis as core_redis
from webapp.core import settings as core_settings
from webapp.realtime import here, presence, stream
from webapp.realtime.frames import parse
from webapp.tickets.models import Ticket

AJAX = {"HX-Request": "true"}


@pytest.fixture
def ticket(app) -> Ticket:
    now = clock.now()
    with db.transaction() as session:
        one = Ticket(ref="T-7", title="Lamp", status="open", follow_token="token-of-rosa-0007",
                     reported_at=now, created_at=now, updated_at=now)  # fmt: skip
        session.add(one)
    return one


def say(client: FlaskClient, doing: str) -> str:
    answer = client.post("/tickets/T-7/here", data={"doing": doing}, headers=AJAX)
    assert answer.status_code == 200
    return answer.text


def told() -> list[tuple[list[str], str]]:
    return [
        (sorted(entry.topics), parse(entry.frame)["event"])
        for entry in stream.newest(core_redis.client(), 100)
        if not stream.is_marker(entry)
        and parse(entry.frame)["event"] in ("presence:changed", "users:status")
    ]


def test_each_sees_who_else_looks_and_writes_and_not_themselves(
    ticket, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
):
    andres, amihan = sign_in(people.andres), sign_in(people.amihan)
    assert say(andres, "looking").strip() == ""
    assert f"{people.andres.name} is looking at this" in say(amihan, "looking")
    assert f"{people.amihan.name} is looking at this" in say(andres, "writing")
    assert f"{people.andres.name} is writing" in say(amihan, "looking")
    say(andres, "gone")
    assert say(amihan, "looking").strip() == ""


def test_only_news_are_told_to_the_tickets_page_and_to_lists(
    ticket, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
):
    andres = sign_in(people.andres)
    for doing in ("looking", "looking", "writing", "writing", "looking", "gone", "gone"):
        say(andres, doing)
    assert told() == [(["staff", f"ticket:{ticket.id}"], "presence:changed")] * 4


def test_the_rows_of_a_list_say_who_else_is_there_with_one_call_and_one_query(
    ticket, people: SimpleNamespace, sign_in: Callable[..., FlaskClient], monkeypatch
):
    amihan = sign_in(people.amihan)
    ids = ",".join(map(str, range(ticket.id, ticket.id + 50)))
    amihan.get("/tickets/here")  # the first request of a person also notes that they were seen
    with statements() as nobody:
        assert amihan.get(f"/tickets/here?ids={ids}").json == {}
    say(sign_in(people.andres), "writing")
    say(amihan, "looking")
    calls = []
    execute = Pipeline.execute
    monkeypatch.setattr(Pipeline, "execute", lambda *args: calls.append(1) or execute(*args))
    with statements() as somebody:
        answer = amihan.get(f"/tickets/here?ids={ids},nonsense").json
    words = f"{people.andres.name} is writing"
    short = here.initials(people.andres.name)
    assert answer == {str(ticket.id): [{"initials": short, "words": words, "writes": True}]}
    assert len(somebody) == len(nobody) + 1  # the names
    assert len(calls) == 1
    assert sign_in(people.nadia).get(f"/tickets/here?ids={ids}").status_code == 403


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Andres Reyes", "AR"),
        ("María de la Cruz", "MC"),
        ("Ligaya", "L"),
        ("(Desk) -", "?"),
        ("", "?"),
    ],
)
def test_initials(name, short):
    assert here.initials(name) == short


def test_who_falls_silent_is_forgotten(
    ticket, people: SimpleNamespace, sign_in: Callable[..., FlaskClient], monkeypatch
):
    monkeypatch.setattr(presence, "LOOKS_S", 0.0)
    monkeypatch.setattr(presence, "WRITES_S", 0.0)
    say(sign_in(people.andres), "writing")
    monkeypatch.undo()
    assert say(sign_in(people.amihan), "looking").strip() == ""
    redis_client = core_redis.client()
    assert all(redis_client.ttl(key) >= 0 for key in redis_client.keys("tulay:looks:*"))


def test_reporters_and_strangers_learn_nothing_of_it(
    ticket, people: SimpleNamespace, sign_in: Callable[..., FlaskClient], client: FlaskClient
):
    say(sign_in(people.andres), "writing")
    for who in (people.nadia, people.felix):
        assert sign_in(who).post("/tickets/T-7/here", data={}, headers=AJAX).status_code == 403
        assert sign_in(who).get("/home/active").status_code == 403
    assert client.post("/tickets/T-7/here", data={}, headers=AJAX).status_code == 401
    page = client.get(f"/r/{ticket.follow_token}")
    assert people.andres.name not in page.text


def test_how_many_are_active_is_told_when_it_changes_and_stands_on_the_dashboard(
    app, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
):
    redis_client = core_redis.client()
    presence.seen(redis_client, [people.andres.id])
    presence.seen(redis_client, [people.andres.id])
    presence.seen(redis_client, [people.amihan.id])  # another process
    assert told() == [(["staff"], "users:status")] * 2
    last = parse(stream.newest(redis_client, 1)[0].frame)
    assert last["data"] == '{"active":2}'
    amihan = sign_in(people.amihan)
    assert "2 people active" in amihan.get("/").text
    assert "2 people active" in amihan.get("/home/active").text


def test_without_redis_pages_stand_and_nobody_is_seen(
    ticket, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
):
    andres = sign_in(people.andres)
    there = core_settings.current()
    core_settings.install(there.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))
    try:
        assert say(andres, "writing").strip() == ""
        assert presence.active_people() == 0
    finally:
        core_settings.install(there)
