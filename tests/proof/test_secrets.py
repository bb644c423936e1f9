"""A canary token goes everywhere a token goes, an upstream repeats it in its errors, and it is found nowhere after."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from flask import Flask

from tests.fakes.catcher import Catcher, catching
from tests.proof.invariants import fresh
from tests.proof.world import FLASK, World
from webapp.core import db, settings
from webapp.core.redis import client as redis_client
from webapp.demo.mynaga.tokens import READ, WRITE, Account
from webapp.outbox import deliver
from webapp.outbox.models import Attempt, Delivery
from webapp.sync import actions
from webapp.sync.models import Connection

CANARY = "canary-7c1f/NeverToBeSeen+e99a=="
SECOND = "canary-second-51be/NeverToBeSeen+="
FORMS = (
    *(CANARY, SECOND),
    *(quote(each, safe="") for each in (CANARY, SECOND)),
    *(b64encode(each.encode()).decode() for each in (CANARY, SECOND)),
)

Make = Callable[..., World]


@pytest.fixture
def catcher(app: Flask) -> Iterator[Catcher]:
    """A mail server for the mails about incidents."""
    before = settings.current()
    with catching() as running:
        wanted = {"mail_server": "127.0.0.1", "mail_port": running.port}
        settings.install(before.model_copy(update=wanted))
        yield running
    settings.install(before)


@pytest.fixture
def accounts() -> Iterator[None]:
    kept = dict(FLASK.accounts)
    for token in (CANARY, SECOND):
        FLASK.accounts[token] = Account("Canary", (READ, WRITE))
    yield
    FLASK.accounts = kept


def lived_through(here: World) -> None:
    """A life with all that leaves traces: pulls, pushes, errors that repeat the token, a refusal, a new token."""
    report = here.add(status="Submitted")
    here.connect(secret=CANARY)
    here.pull()
    for n, status in enumerate(("resolved", "open", "closed")):
        here.decide(report, status)
        here.wire.meddle = telling((500, 409, 422)[n])
        here.push()
        here.pull()
        here.wire.meddle = None
        here.settle(1)
    here.wire.meddle = telling(401)
    here.pull()
    here.wire.meddle = None
    with db.transaction() as session:
        connection = session.get_one(Connection, here.connection_id)
        actions.replace_secret(connection, secret=SECOND, actor=connection.actor)
    here.tick()
    here.work()
    here.settle(1)


def telling(status: int) -> Any:
    """An upstream in debug mode: it prints what it was sent."""

    def meddle(when: str, request: httpx.Request) -> httpx.Response | None:
        if when == "answered":
            return None
        said = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        token = request.headers["authorization"].partition(" ")[2]
        forms = (token, quote(token), quote(token, safe=""), b64encode(token.encode()).decode())
        text = f"<pre>{request.method} {request.url}\n{said}\n{forms}</pre>"
        return httpx.Response(status, headers={"Content-Type": "text/html"}, content=text.encode())

    return meddle


def assert_absent(where: str, found: object) -> None:
    for secret in FORMS:
        assert secret not in str(found), where


def test_the_token_is_in_no_row_log_stream_page_export_or_mail(
    world: Make,
    accounts: None,
    catcher: Catcher,
    caplog: pytest.LogCaptureFixture,
    people: SimpleNamespace,
    sign_in: Callable[..., Any],
) -> None:
    caplog.set_level(logging.DEBUG)
    here = world()

    lived_through(here)

    fresh()
    with db.db.engine.connect() as connection:
        rows = 0
        for table in db.Base.metadata.sorted_tables:
            for row in connection.execute(table.select()):
                rows += 1
                assert_absent(table.name, repr(row))
    attempts = [attempt.answer for attempt in fresh().query(Attempt)]
    assert any("[hidden]" in said for said in attempts), "the upstream repeated nothing"
    assert rows > 20
    assert_absent("the log", caplog.text)
    for key in redis_client().scan_iter():
        assert_absent(f"Redis {key!r}", _redis_value(key))
    deliver.drain("mail")
    assert catcher.raw, "nobody was told of the incidents"
    for mail in catcher.mails:
        texts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
        assert texts
        assert_absent("a mail", [mail.items(), *(part.get_content() for part in texts)])
    amihan = sign_in(people.amihan)
    for page in _pages(here.connection_id):
        answer = amihan.get(page)
        assert answer.status_code == 200, page
        assert_absent(page, answer.get_data(as_text=True))
    export = amihan.post("/audit/export")
    assert export.status_code == 200
    assert "connection" in export.get_data(as_text=True)
    assert_absent("the audit export", export.get_data(as_text=True))


def _pages(connection_id: int) -> list[str]:
    one = f"/connections/{connection_id}"
    parts = ("", "/runs", "/deliveries", "/problems", "/mapping", "/settings", "/panel")
    delivery = fresh().query(Delivery).filter(Delivery.channel == "push").first()
    assert delivery is not None
    own = [one + part for part in parts]
    return ["/", "/connections", "/outbox", f"/outbox/{delivery.id}", "/audit", "/health", *own]


def _redis_value(key: bytes) -> object:
    redis: Any = redis_client()
    match redis.type(key):
        case b"stream":
            return redis.xrange(key)
        case b"list":
            return redis.lrange(key, 0, -1)
        case b"hash":
            return redis.hgetall(key)
        case b"set":
            return redis.smembers(key)
        case b"zset":
            return redis.zrange(key, 0, -1)
        case _:
            return redis.get(key)


def test_the_test_would_find_it() -> None:
    with pytest.raises(AssertionError):
        assert_absent("here", f"Bearer {CANARY}")
