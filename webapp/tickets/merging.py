"""Two people change one thing: fields that differ merge, the same field is put to the second one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Merged:
    """`taken`: field → what the person wrote and nobody else touched. `disputed`: field → what somebody
    else wrote there meanwhile. `shown`: what their form shows next: their own words, else what stands now."""

    taken: dict[str, str]
    disputed: dict[str, str]
    shown: dict[str, str]


def merge(typed: Mapping[str, str], *, seen: Mapping[str, str], now: Mapping[str, str]) -> Merged:
    """`typed` into `now`; `seen`: what the form showed when it was opened (a field that is missing there: as now)."""
    taken: dict[str, str] = {}
    disputed: dict[str, str] = {}
    shown = dict(now)
    for field, wanted in typed.items():
        before, present = seen.get(field, now[field]), now[field]
        if wanted in (before, present):
            continue
        shown[field] = wanted
        if present == before:
            taken[field] = wanted
        else:
            disputed[field] = present
    return Merged(taken, disputed, shown)
