"""Slices of time through which a list is walked: halved when saturated, grown when sparse. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.sync.connectors.declaration import WindowPaging
from webapp.sync.connectors.transforms import write_moment


@dataclass(frozen=True, slots=True)
class Slice:
    """`span`: seconds that the next slice will cover."""

    start: datetime
    end: datetime
    span: float

    def to_json(self) -> dict[str, Any]:
        return {"from": self.start.isoformat(), "to": self.end.isoformat(), "span": self.span}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Slice:
        return cls(moment(found["from"]), moment(found["to"]), float(found["span"]))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def first_slice(start: datetime, until: datetime, *, days: float) -> Slice:
    span = days * 86_400
    return Slice(start, _end(start, span, until), span)


def next_slice(done: Slice, until: datetime) -> Slice | None:
    """The slice after it, touching it; None when `until` is reached."""
    if done.end >= until:
        return None
    return Slice(done.end, _end(done.end, done.span, until), done.span)


def halved(saturated: Slice, *, shortest: float) -> Slice | None:
    """The first half of it; None when it is as short as it may get."""
    length = (saturated.end - saturated.start).total_seconds()
    if length <= shortest:
        return None
    span = max(length / 2, shortest)
    return Slice(saturated.start, saturated.start + timedelta(seconds=span), span)


def regrown(done: Slice, *, found: int, longest_days: float) -> Slice:
    factor = 2.0 if found == 0 else 1.1
    return replace(done, span=min(done.span * factor, longest_days * 86_400))


def is_saturated(found: int, caps: Iterable[int]) -> bool:
    """Whether that many records may be a page cut off at a cap."""
    known = tuple(caps)
    return found in known or (bool(known) and found >= max(known))


def earliest(paging: WindowPaging) -> datetime:
    found = datetime.fromisoformat(paging.earliest)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def bounds(piece: Slice, *, from_param: str, to_param: str | None, form: str) -> dict[str, str]:
    """The query parameters of a slice. By whole days the end is moved on, lest today be left out."""
    end = piece.end + timedelta(days=1) if form == "date" else piece.end
    params = {from_param: write_moment(piece.start, form)}
    if to_param:
        params[to_param] = write_moment(end, form)
    return params


def _end(start: datetime, span: float, until: datetime) -> datetime:
    return min(start + timedelta(seconds=span), max(until, start))
