"""A channel that does as it is told, and deliveries for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from webapp.core import db
from webapp.core.db import transaction
from webapp.outbox import queue
from webapp.outbox.channels import Answer, Outcome, Prepared, Settled
from webapp.outbox.models import Delivery


@dataclass
class FakeWay:
    """`script`: what the next sends do, an exception to raise or an Answer; afterwards all succeed."""

    name: str = "fake"
    script: list[Exception | Answer] = field(default_factory=list)
    before_send: Callable[[str], None] = lambda word: None
    hold: Exception | None = None
    settled: Settled | None = None
    sent: list[str] = field(default_factory=list)
    unsure: list[tuple[str, bool]] = field(default_factory=list)
    outcomes: list[tuple[str, str, str]] = field(default_factory=list)
    in_transaction: list[bool] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, delivery: Delivery, *, unsure: bool) -> Prepared | Settled:
        if self.hold is not None:
            raise self.hold
        if self.settled is not None:
            return self.settled
        word = delivery.payload["word"]
        self.unsure.append((word, unsure))
        return Prepared(word, {"word": word})

    def send(self, prepared: Prepared) -> Answer:
        self.in_transaction.append(db.session().in_transaction())
        self.before_send(prepared.call)
        with self.lock:
            step = self.script.pop(0) if self.script else Answer(200, "thanks")
            if isinstance(step, Exception):
                raise step
            self.sent.append(prepared.call)
        return step

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        self.outcomes.append((delivery.payload["word"], delivery.state, type(outcome).__name__))


def put(
    word: str, *, lane: str = "a", target: str = "far", kind: str = "word", **more: Any
) -> Delivery:
    with transaction():
        return queue.put(
            channel=more.pop("channel", "fake"),
            target=target,
            lane=lane,
            kind=kind,
            subject=("ticket", 7),
            payload={"word": word},
            summary=f"the word {word}",
            **more,
        )


def again(delivery: Delivery) -> Delivery:
    """As it stands in the database now."""
    db.session().rollback()
    db.session().expire_all()
    return db.session().get_one(Delivery, delivery.id)


def states(*deliveries: Delivery) -> list[str]:
    return [again(delivery).state for delivery in deliveries]
