"""What can have happened to the devices that a person is told on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class PushDeviceFact(Fact):
    """`label`: the device in words."""

    subject_kind: ClassVar[str] = "user"
    internal: ClassVar[bool] = True
    label: str


@dataclass(frozen=True, kw_only=True)
class PushDeviceAdded(PushDeviceFact):
    type: ClassVar[str] = "push_device.added"


@dataclass(frozen=True, kw_only=True)
class PushDeviceRemoved(PushDeviceFact):
    type: ClassVar[str] = "push_device.removed"
