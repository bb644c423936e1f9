"""Who may see which page of the desk, and that each page stands with nothing and with something in it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from webapp.accounts.models import User

SignIn = Callable[[User], FlaskClient]

ADMINS_ONLY = [
    "/health",
    "/outbox",
    "/settings",
    "/settings/people",
    "/settings/people/new",
    "/audit",
    "/connections",
    "/connections/new",
    "/connections/new?kind=mynaga",
    "/connections/new?kind=open311",
    "/connections/new?kind=blank",
]


@pytest.mark.parametrize("path", ADMINS_ONLY)
def test_an_admin_sees_it_even_with_an_empty_desk(
    people: SimpleNamespace, sign_in: SignIn, path: str
) -> None:
    assert sign_in(people.amihan).get(path).status_code == 200


@pytest.mark.parametrize("path", ADMINS_ONLY)
@pytest.mark.parametrize("name", ["andres", "fina", "felix", "rosa", "nadia"])
def test_nobody_else_sees_it(
    people: SimpleNamespace, sign_in: SignIn, path: str, name: str
) -> None:
    assert sign_in(getattr(people, name)).get(path).status_code in (403, 404)


@pytest.mark.parametrize("path", ADMINS_ONLY)
def test_signed_out_one_is_led_to_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, "/login?next=" in answer.location) == (302, True)


ADMINS_POSTS = [
    "/settings",
    "/settings/categories",
    "/settings/categories/1",
    "/settings/people/new",
    "/settings/people/1",
    "/settings/people/1/active",
    "/settings/people/1/password",
    "/outbox/1/retry",
    "/outbox/1/cancel",
    "/outbox/many",
    "/connections",
    "/connections/test",
    "/connections/1/sync",
    "/connections/1/pause",
    "/connections/1/resume",
    "/connections/1/map",
    "/connections/1/quarantine/1",
    "/connections/1/settings",
    "/connections/1/token",
    "/connections/1/test",
]


@pytest.mark.parametrize("path", ADMINS_POSTS)
@pytest.mark.parametrize("name", ["andres", "fina", "felix", "rosa", "nadia"])
def test_nobody_else_changes_anything(
    people: SimpleNamespace, sign_in: SignIn, path: str, name: str
) -> None:
    assert sign_in(getattr(people, name)).post(path).status_code in (403, 404)


def test_a_post_without_its_token_is_refused_with_a_sentence(
    people: SimpleNamespace, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(people.amihan)
    monkeypatch.setitem(client.application.config, "WTF_CSRF_ENABLED", True)
    answer = client.post("/settings", data={"name": "Naga"})
    assert (answer.status_code, "no longer valid" in answer.text) == (400, True)
