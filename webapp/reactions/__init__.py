"""What follows from each past fact: the whole table, a file for each package of facts, read when the first of its facts
comes to pass. A fact type that is missing here fails a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from webapp.events.record import Reaction, Reactions
from webapp.events.types import Fact


class Table(Mapping[type[Fact], tuple[Reaction, ...]]):
    """Fact type → its reactions, in their order. To go through it brings all of it."""

    def __init__(self) -> None:
        self._found: dict[type[Fact], tuple[Reaction, ...]] = {}

    def __getitem__(self, fact: type[Fact]) -> tuple[Reaction, ...]:
        found = self._found.get(fact)
        if found is None:
            self._bring(fact.__module__.split(".")[1])  # webapp.PACKAGE…
            found = self._found[fact]
        return found

    def __iter__(self) -> Iterator[type[Fact]]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Reactions:
        for each in iter_modules(__path__):
            self._bring(each.name)
        return self._found

    def _bring(self, package: str) -> None:
        self._found |= import_module(f"{__name__}.{package}").REACTIONS


REACTIONS = Table()
