from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask import Flask

from tests.proof.insurer import ClaimsWorld, one_at_a_time
from tests.proof.world import World, making

Make = Callable[..., ClaimsWorld]


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """world(…) → an empty desk and an upstream; a second call begins anew."""
    with making(app, monkeypatch) as make:
        yield make


@pytest.fixture
def claims_world(
    app: Flask, people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    """The same with a TUNICLAIM at the other end, and people who decide and pay."""
    one_at_a_time(monkeypatch)
    with making(app, monkeypatch, ClaimsWorld) as make:
        yield make
