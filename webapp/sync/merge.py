"""What becomes of one field when both sides may have moved since they last agreed. Pure.

Base is the value last agreed, local is ours now, remote is what came. Values are canonical (see
connectors.mapping), so that equality means agreement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

UPSTREAM = "upstream"
LOCAL = "local"
NEWEST = "newest"
ASK = "ask"

SAME_CLOCK_S = 5.0  # beyond it, whose change is the newer cannot be told by the two clocks


def owner_now(
    owner: str, *, skew: float | None, theirs_at: datetime | None, ours_at: datetime | None
) -> str:
    """Who decides: `newest` is the side that changed last, or a person where the clocks do not tell.

    `skew`: their clock minus ours in seconds; None where it was never measured.
    """
    if owner != NEWEST:
        return owner
    if skew is None or abs(skew) >= SAME_CLOCK_S or theirs_at is None or ours_at is None:
        return ASK
    if theirs_at == ours_at:
        return ASK
    return UPSTREAM if theirs_at > ours_at else LOCAL


@dataclass(frozen=True, slots=True)
class Merged:
    """`take`: ours becomes theirs. `base`: the value now agreed. `conflict`: both moved, and apart.

    `agreed`: both sides hold the same value now, so a push that wanted it is done.
    """

    take: bool
    base: Any
    conflict: bool = False
    agreed: bool = False
    winner: str = ""


def merge_field(
    *, base: Any, local: Any, remote: Any, owner: str = UPSTREAM, sent: Collection[Any] = ()
) -> Merged:
    """`owner` decides a conflict: upstream, local, or ask (ours and the base stay as they are until a person
    has decided). `sent`: values that we sent and have not seen back."""
    if remote == local:
        return Merged(take=False, base=remote, agreed=True)
    if remote == base:
        return Merged(take=False, base=base)
    if remote in sent:
        return Merged(take=False, base=remote)
    if local == base:
        return Merged(take=True, base=remote)
    if owner == ASK:
        return Merged(take=False, base=base, conflict=True)
    return Merged(take=owner == UPSTREAM, base=remote, conflict=True, winner=owner)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a link has come: what was applied last and when we last pushed (counted in pages asked for)."""

    version: str | None
    updated_at: datetime | None
    applied_seq: int
    pushed_seq: int
    in_flight: bool = False


APPLY = "apply"
DEFER = "defer"
IGNORE = "ignore"


def verdict(seen: Seen, *, version: str | None, updated_at: datetime | None, seq: int) -> str:
    """Whether a row asked for as page `seq` may be merged, must be read again, or is out of date.

    A row asked for before our latest push may show the time before it; one asked for before a page
    that is already applied, or with an older version, would turn the record back.
    """
    if seq < seen.applied_seq or _is_older(seen, version=version, updated_at=updated_at):
        return IGNORE
    if seen.in_flight or seq <= seen.pushed_seq:
        return DEFER
    return APPLY


def _is_older(seen: Seen, *, version: str | None, updated_at: datetime | None) -> bool:
    if version is not None and seen.version is not None:
        if version.isdecimal() and seen.version.isdecimal():
            return int(version) < int(seen.version)
        if version == seen.version:
            return False
    if updated_at is None or seen.updated_at is None:
        return False
    return updated_at < seen.updated_at


def without(values: Collection[Any], seen: Any) -> list[Any]:
    """The sent values still to come back, after `seen` came: what was sent before it will not come any more."""
    kept = list(values)
    return kept[kept.index(seen) + 1 :] if seen in kept else kept


def seen_back(sent: Mapping[str, Any], field: str, left: Collection[Any]) -> dict[str, Any]:
    """The values of all fields still to come back, of which `left` are those of `field`."""
    rest = {name: values for name, values in sent.items() if name != field}
    return {**rest, field: list(left)} if left else rest


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `after` that differ from `before`. A key that is absent changes nothing; None clears."""
    return {name: value for name, value in after.items() if before.get(name) != value}
