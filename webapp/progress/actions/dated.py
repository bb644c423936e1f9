"""Facts that belong to a day of the person's own calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from webapp.accounts.models import User
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.progress.events import ProgressFact
from webapp.progress.queries import offset_of


def record_on(
    day: date,
    fact: Callable[..., ProgressFact],
    user: User,
    *,
    actor: Actor | None = None,
    **values: Any,
) -> None:
    """`values`: the fact's own. By the person themselves, unless an `actor` is named."""
    dated = fact(subject_id=user.id, day=day.isoformat(), offset=offset_of(user), **values)
    record(dated, actor=actor or user.actor)
