"""A stream opened before Flask is the one that Flask would have opened, and is opened for nobody else."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask, Request, request_started
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import EnvironBuilder

from tests.conftest import PATIENCE_S
from tests.realtime.conftest import until
from tests.realtime.losing import WAYS, lose
from tests.tickets.make import make_ticket
from tests.tickets.test_page_queries import reads
from webapp.accounts.actions import devices
from webapp.accounts.arrivals import Arrivals
from webapp.accounts.models import Desk, Device
from webapp.accounts.queries import devices_of
from webapp.core import clock, db
from webapp.core import redis as core_redis
from webapp.core.db import transaction
from webapp.realtime import presence, stream
from webapp.realtime.quick import TIP

ROLES = {"amihan", "andres", "fina", "felix", "rosa"}
TOPICS = (
    *("staff", "admin", "outbox", "claims", "jobs", "ticket:1", "connection:1", "bordereau:1"),
    *("bulletin:1", "batch:1", "job:1", "user:999", "follow:1", "secrets", "", "staff,admin"),
)


@dataclass
class Answer:
    """`peer`: the browser's end of a stream; None where there is none."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    quickly: bool
    peer: socket.socket | None = None

    @property
    def told(self) -> tuple[str, list[tuple[str, str]], bytes]:
        return self.status, self.headers, self.body

    def ended(self) -> bool:
        """Whether the stream is over once all that was sent is read."""
        assert self.peer is not None
        self.peer.settimeout(0.3)
        try:
            while self.peer.recv(65536):
                pass
        except TimeoutError:
            return False
        return True


class Asking:
    """Asks as gunicorn does, with a socket of its own for each request; `full`: past all that stands before Flask."""

    def __init__(self, app: Flask) -> None:
        self.app, self.hub = app, app.extensions["live_hub"]
        self.cookies: dict[str, str] = {}
        self._open: list[socket.socket] = []

    def sign_in(self, who: str, user) -> None:
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = self.app.test_client(user=user).get_cookie(name)
        assert cookie is not None
        self.cookies[who] = f"{name}={cookie.value}"

    def ask(self, who: str, topics: str = "staff", *, full: bool = False, **how) -> Answer:
        """`how`: `method`, `cookie`, `cursor`, `headers`, and `environ`, which may take the socket away again."""
        headers = {"Accept": "application/json"} | how.get("headers", {})
        headers["Cookie"] = how.get("cookie", self.cookies[who])
        environ = EnvironBuilder(
            path="/live",
            method=how.get("method", "GET"),
            query_string={"topics": topics, "after": how.get("cursor", "")},
            headers=headers,
        ).get_environ()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._open += [ours, theirs]
        environ |= {"gunicorn.socket": ours, TIP: self.hub.tip} | how.get("environ", {})
        return self._asked(environ, theirs, full=full)

    def _asked(self, environ, theirs: socket.socket, *, full: bool) -> Answer:
        began: list[object] = []
        head: list = []
        note = lambda *_args, **_more: began.append(1)  # noqa: E731
        with self.app.app_context(), request_started.connected_to(note, self.app):
            app = (lambda *args: Flask.wsgi_app(self.app, *args)) if full else self.app.wsgi_app
            try:
                body = b"".join(app(environ, lambda *args: head.extend(args)))
            except StopIteration:  # handed over
                return self._streamed(theirs, quickly=not began)
        db.session().rollback()
        return Answer(head[0], sorted(head[1]), body, quickly=not began)

    def _streamed(self, theirs: socket.socket, *, quickly: bool) -> Answer:
        theirs.settimeout(5)
        got = b""
        while b"live:ready" not in got and (part := theirs.recv(65536)):
            got += part
        first, _, rest = got.partition(b"\r\n\r\n")
        status, *lines = first.decode().split("\r\n")
        headers = sorted(
            (name, value) for name, _, value in (line.partition(": ") for line in lines)
        )
        names = [line for line in rest.split(b"\n") if not line.startswith(b"id: ")]
        return Answer(status, headers, b"\n".join(names), quickly, theirs)

    def close(self) -> None:
        for one in self._open:
            one.close()


@pytest.fixture
def desk(app, people, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    # How many are active is news, too, and would come between.
    monkeypatch.setattr(presence, "seen", lambda *_: None)
    made = Asking(app)
    for name in ROLES:
        made.sign_in(name, getattr(people, name))
    made.hub.start(wait=5)
    with app.test_request_context():
        until(lambda: made.hub.tip is not None and _stands(made), "the reader stands at the end")
    yield made
    made.close()


def _stands(desk: Asking) -> bool:
    newest = stream.newest(core_redis.client(), 1)
    return bool(newest) and newest[0].id == desk.hub.tip


def test_both_ways_give_every_role_the_same_answer_for_every_topic(desk, people) -> None:
    opened = 0
    for name in sorted(ROLES):
        own = f"user:{getattr(people, name).id}"
        for topics in (*TOPICS, own, f"staff,{own},ticket:7"):
            quick, full = desk.ask(name, topics), desk.ask(name, topics, full=True)
            assert quick.told == full.told, (name, topics)
            # Only what the full way grants is opened before it, and all of that.
            assert quick.quickly == (full.peer is not None), (name, topics)
            opened += quick.quickly
    assert opened > len(ROLES)


def test_a_stream_costs_one_statement_and_no_object_of_a_row(desk, people) -> None:
    with reads() as seen:
        assert desk.ask("andres").quickly
    assert len(seen) == 1
    assert "password_hash" not in seen[0]


def test_who_resumes_gets_what_was_missed_both_ways(desk, people) -> None:
    before = f"{desk.hub.tip[0]}-{desk.hub.tip[1]}"
    make_ticket()
    until(lambda: _stands(desk) and before != f"{desk.hub.tip[0]}-{desk.hub.tip[1]}", "news")
    for how in ({"cursor": before}, {"cursor": "1-1", "headers": {"Last-Event-ID": before}}):
        quick, full = desk.ask("andres", **how), desk.ask("andres", full=True, **how)
        assert quick.quickly
        assert quick.told == full.told
        assert b"live:behind" in quick.body


@pytest.mark.parametrize("how", [*WAYS, "second factor", "away"])
def test_who_lost_a_right_is_refused_as_the_full_way_does(desk, people, how: str) -> None:
    andres = people.andres
    assert desk.ask("andres").quickly
    with transaction() as session:
        if how == "second factor":
            session.add(Desk(name="Tulay", factor_roles="agent"))
        elif how == "away":
            devices_of(andres)[0].last_seen_at = clock.now() - timedelta(days=31)
        else:
            lose(andres, how, admin=people.amihan.actor)
    quick, full = desk.ask("andres"), desk.ask("andres", full=True)
    assert not quick.quickly
    assert quick.told == full.told
    assert quick.status.split()[0] in ("401", "403")


def test_whatever_is_odd_takes_the_full_way(desk, people) -> None:
    ticket, tampered = make_ticket(), desk.cookies["andres"][:-3] + "abc"
    for status, how in {
        "401 UNAUTHORIZED": {"headers": {"Authorization": "Bearer tulay_x"}},
        "401 UNAUTHORIZED ": {"headers": {"Tulay-Person": "999"}},
        "401 UNAUTHORIZED  ": {"cookie": tampered},
        "401 UNAUTHORIZED   ": {"cookie": ""},
        "200 OK": {"method": "HEAD"},
        "405 METHOD NOT ALLOWED": {"method": "POST"},
        "503 SERVICE UNAVAILABLE": {"environ": {"gunicorn.socket": None}},
        "503 SERVICE UNAVAILABLE ": {"environ": {"HTTP_VERSION": "2"}},
    }.items():
        quick, full = desk.ask("andres", **how), desk.ask("andres", full=True, **how)
        assert not quick.quickly, how
        assert quick.told == full.told, how
        assert quick.status == status.strip(), how
    own = {"headers": {"Tulay-Person": str(people.andres.id)}}
    followed = desk.ask("andres", f"follow:{ticket.follow_token}", cookie="")
    for answer in (desk.ask("andres", **own), followed):
        assert answer.peer is not None
        assert not answer.quickly


def test_a_device_that_was_not_seen_for_a_while_is_noted_by_the_full_way(desk, people) -> None:
    with transaction():
        (device,) = devices_of(people.andres)
        device.last_seen_at = clock.now() - devices.SEEN_EVERY
    assert not desk.ask("andres").quickly
    assert desk.ask("andres").quickly


def test_a_program_on_a_device_opens_nothing_with_a_sessions_cookie(desk, people) -> None:
    with transaction() as session:
        session.query(Device).filter_by(user_id=people.andres.id).update({"kind": "program"})
    quick, full = desk.ask("andres"), desk.ask("andres", full=True)
    assert not quick.quickly
    assert quick.told == full.told


def test_an_order_to_end_that_comes_after_the_rights_were_read_ends_the_stream(
    desk, people
) -> None:
    assert not desk.ask("andres").ended()
    andres_id = people.andres.id

    def order(*_args) -> None:
        tip = desk.hub.tip
        stream.add_ending(core_redis.client(), andres_id)
        until(lambda: desk.hub.tip != tip, "the order is read")

    with _at_each_statement(order):
        answer = desk.ask("andres")
    assert answer.quickly
    assert answer.ended()


def test_those_who_come_together_are_asked_for_by_one_statement_and_not_mixed_up(
    desk, people
) -> None:
    arrivals = Arrivals(desk.app, gather_s=0.5)
    with reads() as seen:
        found = _together(arrivals, [desk.cookies[name] for name in ROLES])
    assert len(seen) == 1
    assert {one.user_id for one in found if one} == {getattr(people, name).id for name in ROLES}
    for name, one in zip(ROLES, found, strict=True):
        assert one is not None
        assert (one.user_id, one.held) == (getattr(people, name).id, getattr(people, name).held)


def test_where_the_database_fails_nobody_is_known_and_nobody_waits(desk, people) -> None:
    arrivals = Arrivals(desk.app, gather_s=0.5)

    def fail(*_args) -> None:
        raise OperationalError("", {}, Exception())

    with _at_each_statement(fail):
        found = _together(arrivals, [desk.cookies["andres"]] * 3)
    assert found == [None] * 3
    assert _together(arrivals, [desk.cookies["andres"]]) != [None]


def _together(arrivals: Arrivals, cookies: list[str]) -> list:
    found: list = [None] * len(cookies)

    def ask(place: int) -> None:
        asked = Request(EnvironBuilder(headers={"Cookie": cookies[place]}).get_environ())
        found[place] = arrivals.who(asked)

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(cookies))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE_S)
    assert not any(one.is_alive() for one in threads)
    return found


@contextlib.contextmanager
def _at_each_statement(deed) -> Iterator[None]:
    event.listen(db.db.engine, "after_cursor_execute", deed)
    try:
        yield
    finally:
        event.remove(db.db.engine, "after_cursor_execute", deed)
