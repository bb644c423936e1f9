from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from tests.outbox.ways import FakeWay
from webapp.outbox import channels

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def way(app: Flask) -> FakeWay:
    fake = FakeWay()
    channels.register(fake)
    return fake


@pytest.fixture
def travel(app: Flask) -> Iterator[time_machine.Traveller]:
    """Time stands at noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
