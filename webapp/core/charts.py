"""Numbers as places in a drawing of 100 by 100. Pure; templates/ui/charts.html prints them as SVG.

Widths and heights stretch with the page, so that nothing here knows pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 0.14  # of a column's room, on each side


@dataclass(frozen=True, slots=True)
class Axis:
    """From nought to `top`; `ticks` from the top down."""

    top: float
    ticks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One colour of a column."""

    colour: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    x: float
    width: float
    pieces: tuple[Piece, ...]


def axis(highest: float, *, whole: bool = False) -> Axis:
    """A round top (1, 2, 5, 10 …) at or above the highest, with a tick in the middle. `whole`: of things that
    are counted, where no tick may be half a thing."""
    wanted = max(highest, 2.0 if whole else 1.0)
    unit = 10.0 ** math.floor(math.log10(wanted))
    steps = (2, 4, 6, 8, 10) if whole and unit < 10 else (1, 2, 3, 4, 5, 6, 8, 10)
    top = next(unit * n for n in steps if unit * n >= wanted * (1 - 1e-9))
    return Axis(top, (top, top / 2, 0))


def stacked(columns: Sequence[Sequence[tuple[str, float]]], top: float) -> list[Column]:
    """Each column's (colour, number) pairs one upon the other, the first at the bottom."""
    room = 100 / max(len(columns), 1)
    return [
        Column(round(n * room + room * GAP, 3), round(room * (1 - 2 * GAP), 3), _pieces(parts, top))
        for n, parts in enumerate(columns)
    ]


def line(values: Sequence[float | None], top: float) -> str:
    """An SVG path through the middles of the columns; it breaks where there is no value.

    A value that stands alone is a short level stroke, so that it is seen.
    """
    room = 100 / max(len(values), 1)
    found: list[str] = []
    for first, stretch in _stretches(values):
        points = [
            (round((first + n + 0.5) * room, 3), round(100 - 100 * value / top, 3))
            for n, value in enumerate(stretch)
        ]
        if len(points) == 1:
            x, y = points[0]
            points = [(round(x - room * 0.3, 3), y), (round(x + room * 0.3, 3), y)]
        found.append("M" + " L".join(f"{x} {y}" for x, y in points))
    return " ".join(found)


def _pieces(parts: Sequence[tuple[str, float]], top: float) -> tuple[Piece, ...]:
    found, below = [], 0.0
    for colour, number in parts:
        if number > 0:
            height = 100 * number / top
            below += height
            found.append(Piece(colour, round(100 - below, 3), round(height, 3)))
    return tuple(found)


def _stretches(values: Sequence[float | None]) -> list[tuple[int, list[float]]]:
    """(place of the first, values) of each stretch without a hole."""
    found: list[tuple[int, list[float]]] = []
    before: float | None = None
    for n, value in enumerate(values):
        if value is not None:
            if before is None:
                found.append((n, []))
            found[-1][1].append(value)
        before = value
    return found
