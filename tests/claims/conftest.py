"""People who work on claims, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.claims.actions import enable_claims
from webapp.core.db import transaction
from webapp.events.types import SYSTEM


@pytest.fixture
def amihan(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


@pytest.fixture
def andres(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.andres)


@pytest.fixture
def fina(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.fina)


@pytest.fixture
def nadia(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.nadia)


@pytest.fixture(autouse=True)
def claims_enabled(app: Flask) -> None:
    """Everything here happens on a desk that handles claims; test_settings and others override it."""
    with transaction():
        enable_claims(actor=SYSTEM)
