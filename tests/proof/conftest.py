from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.proof.world import World, making


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """world(…) → an empty desk and an upstream; a second call begins anew."""
    with making(app, monkeypatch) as make:
        yield make
