from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.fakes.push_service import BrowserKeys, PushService, serving
from webapp.accounts.models import User
from webapp.core.db import transaction
from webapp.outbox import deliver
from webapp.push.actions import queue_push
from webapp.push.channel import target_of


@pytest.fixture
def service() -> Iterator[PushService]:
    with serving() as running:
        yield running


@pytest.fixture
def keys() -> BrowserKeys:
    return BrowserKeys()


Allow = Callable[..., FlaskClient]


@pytest.fixture
def allow(
    people: SimpleNamespace,
    sign_in: Callable[[User], FlaskClient],
    service: PushService,
    keys: BrowserKeys,
) -> Allow:
    """`allow(person, "a")`: they allow notifications in a browser of theirs, as its page does."""

    def make(person: User, name: str = "a", *, browser: FlaskClient | None = None) -> FlaskClient:
        used = browser or sign_in(person)
        sent = {
            "endpoint": service.endpoint(name),
            "p256dh": keys.public,
            "auth": auth_of(keys),
            "key": used.get("/account/push/key").json["key"],
        }
        assert used.post("/account/push", data=sent).status_code == 303
        return used

    return make


def auth_of(keys: BrowserKeys) -> str:
    from webapp.push.endpoints import key_text

    return key_text(keys.auth)


def tell(person: User, title: str = "Ticket T-1", tag: str = "ticket:1") -> int:
    with transaction():
        return queue_push(person.id, title=title, body="is yours", url="/tickets/T-1", tag=tag)


def send(service: PushService) -> None:
    deliver.drain(target_of(service.endpoint("")))
