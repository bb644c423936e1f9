"""Value maps both ways: theirs → ours when reading, ours → theirs when pushing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from webapp.sync.connectors.declaration import ValueMap

Overrides = Mapping[str, Mapping[str, str]]  # field → value → value


def inward(values: ValueMap, decided: Mapping[str, str]) -> Callable[[str], str | None]:
    """A look-up of our value for theirs; None for what nobody mapped. `decided` wins."""
    fold = str.casefold if values.ignore_case else str
    table = {_key(key, fold): ours for key, ours in {**values.in_}.items()}
    table.update({_key(key, fold): ours for key, ours in decided.items()})
    return lru_cache(maxsize=256)(lambda theirs: table.get(_key(theirs, fold)))


def outward(values: ValueMap, ours: str, decided: Mapping[str, str]) -> str | None:
    """Their value for ours: as decided, as declared, else the one value that is read as ours."""
    if ours in decided:
        return decided[ours]
    if ours in values.out:
        return values.out[ours]
    readable = [theirs for theirs, mapped in values.in_.items() if mapped == ours]
    return readable[0] if len(readable) == 1 else None


def _key(value: str, fold: Callable[[str], str]) -> str:
    return fold(" ".join(value.split()))
