from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import pytest
from flask import Flask

from tests.fakes.catcher import Catcher, catching
from webapp.core import settings
from webapp.installing import _emit
from webapp.notifications import emitting, toasts
from webapp.realtime import live


class Shown(NamedTuple):
    """One toast as it left."""

    topics: tuple[str, ...]
    kind: str
    text: str
    url: str | None
    sound: bool


class Left(NamedTuple):
    """What open pages hear."""

    toasts: list[Shown]
    signals: list[tuple[tuple[str, ...], str]]


@pytest.fixture
def left(app: Flask) -> Iterator[Left]:
    """Toasts and signals, caught on their way out."""
    seen = Left([], [])

    def say(heard: Sequence[emitting.Heard]) -> None:
        seen.toasts += [
            Shown(tuple(topics), toast.kind, toast.text, toast.url, toast.sound)
            for toast, topics in heard
        ]
        _emit(heard)

    def signal(topics: Collection[str], name: str) -> None:
        seen.signals.append((tuple(topics), name))
        live.signal(topics, name)

    toasts.forget()
    emitting.install(say, signal)
    yield seen
    emitting.install(_emit, live.signal)
    toasts.forget()


@pytest.fixture
def catcher(app: Flask) -> Iterator[Catcher]:
    before = settings.current()
    toasts.forget()
    with catching() as running:
        changed = {
            "mail_server": "127.0.0.1",
            "mail_port": running.port,
            "mail_default_sender": "Naga Desk <desk@naga.example>",
            "base_url": "https://desk.example",
        }
        settings.install(before.model_copy(update=changed))
        yield running
    settings.install(before)
