"""The figures as charts: what is drawn, its legend, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_date, format_datetime, format_decimal, gettext

from webapp.core import charts
from webapp.core.charts import Axis, Chart, Series
from webapp.sync.statistics.readings import Figures
from webapp.sync.statistics.rules import Totals
from webapp.sync.words import error_name, seconds

Cell = str | int | float | None


@dataclass(frozen=True)
class _Series:
    colour: str
    word: str
    value: Callable[[Totals], float | None]


def charts_of(figures: Figures) -> list[Chart]:
    """In the order of the page."""
    return [
        _stacked("imports", gettext("Records that came in"), figures, _imports()),
        _stacked("runs", gettext("Syncs and how they ended"), figures, _endings()),
        _lines(
            "success",
            gettext("Success rate"),
            figures,
            _success(),
            words=percent,
            axis=Axis(1, (1, 0.5, 0)),
        ),
        _lines("duration", gettext("How long a sync takes"), figures, _durations(), words=seconds),
    ]


def errors_of(figures: Figures) -> list[tuple[str, int, str]]:
    """(kind in words, failed runs, colour), the most frequent first."""
    ranked = sorted(figures.whole.errors.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(error_name(kind), number, "red") for kind, number in ranked]


CSV = (
    "start", "runs_ok", "runs_partial", "runs_failed", "runs_stopped", "success_rate", "error_rate", "fetched",
    "created", "updated", "unchanged", "deferred", "skipped", "problems", "median_s", "p90_s", "requests", "bytes",
    "waited_s", "errors",
)  # fmt: skip


def csv_rows(figures: Figures) -> list[list[Any]]:
    """Every figure of every column, by the headings CSV."""
    return [_csv_row(start, each, figures.span.by_hour) for start, each in figures.pairs()]


def _csv_row(start: datetime, each: Totals, by_hour: bool) -> list[Any]:
    counted = ("fetched", "created", "updated", "unchanged", "deferred", "skipped", "quarantined")
    return [
        start.isoformat(timespec="minutes") if by_hour else start.date().isoformat(),
        each["ok"], each["partial"], each["failed"], each["cancelled"],
        _rounded(each.success), _rounded(each.error_rate),
        *(each[name] for name in counted),
        each.median, each.p90, each["requests"], each["bytes"], each["waited_ms"] / 1000,
        " ".join(f"{kind}={number}" for kind, number in sorted(each.errors.items())),
    ]  # fmt: skip


def _imports() -> list[_Series]:
    return [
        _Series("green", gettext("created"), lambda each: each["created"]),
        _Series("blue", gettext("updated"), lambda each: each["updated"]),
        _Series("red", gettext("could not be read"), lambda each: each["quarantined"]),
    ]


def _endings() -> list[_Series]:
    return [
        _Series("green", gettext("done"), lambda each: each["ok"]),
        _Series("amber", gettext("partly done"), lambda each: each["partial"]),
        _Series("red", gettext("failed"), lambda each: each["failed"]),
        _Series("grey", gettext("stopped"), lambda each: each["cancelled"]),
    ]


def _success() -> list[_Series]:
    return [_Series("green", gettext("done without failing"), lambda each: each.success)]


def _durations() -> list[_Series]:
    return [
        _Series("blue", gettext("half took at most (median)"), lambda each: each.median),
        _Series("purple", gettext("nine of ten took at most"), lambda each: each.p90),
    ]


def _stacked(name: str, title: str, figures: Figures, series: list[_Series]) -> Chart:
    return charts.columns_of(name, title, _labels(figures), _read(series, figures), words=_whole)


def _lines(
    name: str,
    title: str,
    figures: Figures,
    series: list[_Series],
    *,
    words: charts.Words,
    axis: Axis | None = None,
) -> Chart:
    found = _read(series, figures)
    return charts.lines_of(name, title, _labels(figures), found, words=words, scale=axis)


def _read(series: Sequence[_Series], figures: Figures) -> list[Series]:
    return [Series(s.colour, s.word, [s.value(each) for each in figures.columns]) for s in series]


def _labels(figures: Figures) -> list[str]:
    return [_label(start, figures.span.by_hour) for start in figures.span.starts]


def _label(start: datetime, by_hour: bool) -> str:
    return format_datetime(start, "HH:mm") if by_hour else format_date(start.date(), "d MMM")


def _whole(value: float | None) -> str:
    return "–" if value is None else str(format_decimal(value))


def percent(value: float | None) -> str:
    if value is None:
        return "–"
    # 99.96 % is not everything.
    return gettext("%(n)s %%", n=f"{int(value * 1000) / 10:g}")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
