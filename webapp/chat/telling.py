"""What members' open pages hear besides facts: who has read how far, and who is writing. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection

# (members' numbers, name of the live event, what it is about)
Tell = Callable[[Collection[int], str, dict[str, int]], None]

_tell: list[Tell] = []


def install(tell: Tell) -> None:
    """The live pages stand above this package: they are handed in."""
    _tell[:] = [tell]


def tell(members: Collection[int], name: str, **about: int) -> None:
    for each in _tell:
        each(members, name, about)
