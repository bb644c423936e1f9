"""What pages say, fast: Flask-Babel looks for the language, the zone and the patterns anew for every word and time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from math import floor
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import TIMEDELTA_UNITS, format_date, format_timedelta, get_timezone_name
from flask import Flask, g, has_app_context, templating
from flask_babel import get_locale, get_timezone, get_translations
from markupsafe import Markup, escape

from webapp.core import clock

Written = Mapping[str, object]
Hole = Callable[[Written, "Speaker"], str]  # what a kept part leaves open, as it is filled

NEXT_UNIT_FROM = 0.85  # of it, as Babel has it

_texts: WeakKeyDictionary[Any, tuple[dict[str, Markup], dict[str, Markup]]] = WeakKeyDictionary()
_spans: dict[tuple[int, int, bool, str], str] = {}
_zones: dict[tuple[str, timedelta | None, timedelta | None, str], str] = {}
_SIZES = tuple(size for _, size in TIMEDELTA_UNITS)


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.globals.update(_=gettext, gettext=gettext)
    env.filters.update(when=when, ago=ago)


class Environment(templating.Environment):
    """Templates that share their globals as one dict: at each import of macros Jinja compares them name by name."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Holes:
    """What a part of a page that is kept leaves open, and fills in each time (webapp.core.kept)."""

    def __init__(self, mark: Callable[[int], Markup], *, zoned: bool) -> None:
        self.zoned = zoned
        self.found: list[Hole] = []
        self._mark = mark

    def add(self, fill: Hole) -> Markup:
        """The mark that stands for it."""
        self.found.append(fill)
        return self._mark(len(self.found) - 1)


class Speaker:
    """The language and the zone of one request."""

    def __init__(self) -> None:
        self.holes: Holes | None = None  # while a part is drawn to be kept
        self.shelf: Any = None  # of the parts that are kept (webapp.core.kept)
        self.asked: dict[Any, str] = {}  # what is the request's own in them
        self.locale = get_locale() or Locale("en")
        self.language = str(self.locale)
        translations = get_translations()
        self.said, self.patterns = _texts.setdefault(translations, ({}, {}))
        self.translate = translations.ugettext

    @cached_property
    def now(self) -> float:
        """One moment for all that a page tells the age of."""
        return clock.now().timestamp()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(str(get_timezone()))


def speaker() -> Speaker:
    found: Speaker | None = g.get("speaker")
    if found is None:
        found = g.speaker = Speaker()
    return found


def gettext(message: str, /, **variables: Any) -> Markup:
    """For templates, all of which are HTML: the text in the page's language, with its variables escaped."""
    speaks = speaker()
    if not variables and (text := speaks.said.get(message)) is not None:
        return text
    pattern = speaks.patterns.get(message)
    if pattern is None:
        # A text of the page's own, as Jinja's own gettext takes it.
        pattern = speaks.patterns[message] = Markup(speaks.translate(message))  # noqa: S704
    text = pattern % variables
    if not variables:
        speaks.said[message] = text
    return text


def plain(message: str, /, **variables: Any) -> str:
    """As Flask-Babel's `gettext`, for what is said of hundreds of things at once. Outside of any app: untranslated."""
    said = str(speaker().translate(message)) if has_app_context() else message
    return said % variables if variables else said


def when(at: datetime | None, empty: str = "–") -> Markup:
    """A date and time in words: "20 Nov 2026, 14:02"."""
    if at is None:
        return _nothing(empty)
    speaks = speaker()
    local = _local(at, speaks)
    text = f"{_day(local.date(), 'd MMM y', speaks.language)}, {local.hour:02}:{local.minute:02}"
    return _time(at, local, text, speaks.language)


def ago(at: datetime | None, empty: str = "–") -> Markup:
    """ "3 minutes ago", kept fresh by relative-time.js; the full time is its title."""
    if at is None:
        return _nothing(empty)
    speaks = speaker()
    if speaks.holes is not None:
        return speaks.holes.add(_Ago(at, speaks))
    return Markup(_Ago(at, speaks)({}, speaks))  # noqa: S704 - as _time


class _Ago:
    """A time in a kept part: only how long ago it is changes."""

    __slots__ = ("_before", "_moment")

    def __init__(self, at: datetime, speaks: Speaker) -> None:
        local = _local(at, speaks)
        self._before = _time(at, local, "", speaks.language, " data-ago").removesuffix("</time>")
        self._moment = local.timestamp()

    def __call__(self, _written: Written, speaks: Speaker) -> str:
        apart = floor(self._moment - speaks.now)
        return f"{self._before}{_span(apart, speaks.language)}</time>"


def _local(at: datetime, speaks: Speaker) -> datetime:
    if speaks.holes is not None and not speaks.holes.zoned:
        raise RuntimeError(
            "A kept part that tells times must be dated in the reader's zone: kept.drawn()."
        )
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(speaks.zone)


def _time(at: datetime, local: datetime, text: str, language: str, more: str = "") -> Markup:
    day = _day(local.date(), "EEEE, d MMMM y", language)
    clock_time = f"{local.hour:02}:{local.minute:02}:{local.second:02}"
    html = (
        f'<time class="time" datetime="{at.isoformat()}" title="{day}, {clock_time} {_zone(local, language)}"'
        f"{more}>{text}</time>"
    )
    return Markup(html)  # noqa: S704 - its words are escaped, the rest is figures


def _nothing(empty: str) -> Markup:
    return Markup('<span class="muted">{}</span>').format(empty)


@lru_cache(maxsize=4096)
def _day(day: date, pattern: str, language: str) -> str:
    return str(escape(format_date(day, pattern, language)))


def _zone(local: datetime, language: str) -> str:
    key = (str(local.tzinfo), local.utcoffset(), local.dst(), language)
    name = _zones.get(key)
    if name is None:
        name = _zones[key] = str(escape(get_timezone_name(local, "long", locale=language)))
    return name


def _span(seconds: int, language: str) -> str:
    """In words and with its direction: one look-up for all that are worded alike."""
    apart = abs(seconds)
    for size in _SIZES:
        if apart >= size * NEXT_UNIT_FROM:
            break
    key = (size, round(apart / size), seconds >= 0, language)
    text = _spans.get(key)
    if text is None:
        words = format_timedelta(timedelta(seconds=seconds), add_direction=True, locale=language)
        text = _spans[key] = str(escape(words))
    return text
