"""How the two sides of one record differ, field by field. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

THEIRS, OURS, BOTH = "theirs", "ours", "both"


@dataclass(frozen=True, slots=True)
class Difference:
    """`moved`: who has changed it since the base, the value last agreed."""

    field: str
    ours: Any
    theirs: Any
    base: Any
    moved: str


def differences(
    *,
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    base: Mapping[str, Any],
    additive: Collection[str] = (),
    reads_as: Callable[[str, Any], Any] = lambda _field, value: value,
) -> list[Difference]:
    """What the upstream says and we hold otherwise. What it does not say is no difference.

    `reads_as`: how our value of a field reads after a way there and back. What ours has beyond theirs in an
    `additive` field (photos, say) is no difference either.
    """
    found = []
    for field, their in theirs.items():
        our = ours.get(field)
        agreed = base.get(field, our)
        if field in additive:
            same, moved = set(their or ()) <= set(our or ()), THEIRS
        else:
            mine, theirs_, held = (reads_as(field, each) for each in (our, their, agreed))
            same, moved = mine == theirs_, _moved(mine != held, theirs_ != held)
        if not same:
            found.append(Difference(field, our, their, base.get(field), moved))
    return found


def _moved(ours: bool, theirs: bool) -> str:
    if ours and theirs:
        return BOTH
    return OURS if ours else THEIRS
