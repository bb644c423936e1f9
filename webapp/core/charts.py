"""Numbers as places in a drawing of 100 by 100. Pure; templates/ui/charts.html prints them as SVG.

Widths and heights stretch with the page, so that nothing here knows pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart: its word in the legend, and a number for each column."""

    colour: str
    word: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """`legend`: (colour, word). `hits`: what each column says when pointed at. `rows`: (label, cells)."""

    name: str
    title: str
    legend: Sequence[tuple[str, str]]
    ticks: Sequence[str]
    columns: Sequence[Column]
    lines: Sequence[tuple[str, str]]
    hits: Sequence[str]
    ends: tuple[str, str]
    headings: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    empty: bool


Words = Callable[[float | None], str]  # how a number is written


def columns_of(
    name: str, title: str, labels: Sequence[str], series: Sequence[Series], *, words: Words
) -> Chart:
    """What is counted, stacked upon each other; `labels`: of the columns."""
    stacks = [[(one.colour, one.values[n] or 0) for one in series] for n, _ in enumerate(labels)]
    scale = axis(max((sum(n for _, n in stack) for stack in stacks), default=0), whole=True)
    columns = stacked(stacks, scale.top)
    return _chart(name, title, labels, series, words=words, scale=scale, columns=columns)


def lines_of(
    name: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    words: Words,
    scale: Axis | None = None,
    whole: bool = False,
) -> Chart:
    """A line for each of `series`. `scale`: where it does not follow from the numbers; `whole`: as of `axis`."""
    highest = max((n for one in series for n in one.values if n is not None), default=0)
    scale = scale or axis(highest, whole=whole)
    lines = [(one.colour, line(one.values, scale.top)) for one in series]
    return _chart(name, title, labels, series, words=words, scale=scale, lines=lines)


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


def _chart(
    name: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    words: Words,
    scale: Axis,
    columns: Sequence[Column] = (),
    lines: Sequence[tuple[str, str]] = (),
) -> Chart:
    cells = [[words(one.values[n]) for one in series] for n, _ in enumerate(labels)]
    return Chart(
        name=name,
        title=title,
        legend=[(one.colour, one.word) for one in series],
        ticks=[words(tick) for tick in scale.ticks],
        columns=columns,
        lines=[(colour, path) for colour, path in lines if path],
        hits=[_hit(label, series, row) for label, row in zip(labels, cells, strict=True)],
        ends=(labels[0], labels[-1]),
        headings=[one.word for one in series],
        rows=list(zip(labels, cells, strict=True)),
        empty=not any(value for one in series for value in one.values),
    )


def _hit(label: str, series: Sequence[Series], cells: Sequence[str]) -> str:
    said = ", ".join(f"{one.word} {cell}" for one, cell in zip(series, cells, strict=True))
    return f"{label}: {said}"


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
