"""What people do to deliveries; how the sending went stands in the attempts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class DeliveryFact(Fact):
    subject_kind: ClassVar[str] = "delivery"
    internal: ClassVar[bool] = True
    summary: str


@dataclass(frozen=True, kw_only=True)
class DeliveryRetried(DeliveryFact):
    type: ClassVar[str] = "delivery.retried"


@dataclass(frozen=True, kw_only=True)
class DeliveryEdited(DeliveryFact):
    """What is wanted was changed by a person, and is sent anew. `changes`: value → [old, new]."""

    type: ClassVar[str] = "delivery.edited"
    changes: dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class DeliveryCancelled(DeliveryFact):
    type: ClassVar[str] = "delivery.cancelled"
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeliveryParked(DeliveryFact):
    type: ClassVar[str] = "delivery.parked"
    reason: str
