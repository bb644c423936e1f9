"""Reading the trail leaves no mark; taking it away does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class AuditExported(Fact):
    """Somebody downloaded the trail. `filters`: what it was narrowed to; subject 0, as there is one trail."""

    type: ClassVar[str] = "audit.exported"
    subject_kind: ClassVar[str] = "audit"
    internal: ClassVar[bool] = True
    filters: dict[str, str]
