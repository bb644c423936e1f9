"""Parts of pages that are the same again and again, drawn once: the frame of a page costs as much as fifty rows.

`{{ kept("ui/scripts.html") }}` in a template; with values, `{{ kept("ui/_who.html", name=…) }}`; what tells times is
drawn by a view (`drawn`, `drawn_each`). A part sees these values, the language and, where it tells times, the zone, and
nothing else of the request: so all that it shows is in its key. What differs each time stands in as a mark, and is
filled in as the part is given out: the request's own two secrets, how long ago something was (`ago`), and what is only
`written` (a number, a key), so that one drawing serves many records.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from flask import Flask, current_app, request
from markupsafe import Markup

from webapp.core import assets
from webapp.core.page_words import Hole, Holes, Speaker, Written, speaker

MOST_LETTERS = 16_000_000  # in one process
_MARK = secrets.token_hex(12)  # no text of anybody's can hold it
_MARKS = re.compile(f"{_MARK}x([0-9]+)z")
_PLAIN = re.compile(r"[\w.~-]*")  # the same in an address, an attribute and a text
_NOTHING: Mapping[str, object] = {}

Values = Callable[[Mapping[str, str]], Mapping[str, Any]]
Asked = tuple[Hashable, Values]  # what decides the looks of a part, and what its template takes
Pieces = tuple[str | Hole, ...]
Drawn = TypeVar("Drawn", bound=Callable[..., Any])


class Kept:
    """The parts of one app."""

    def __init__(self) -> None:
        self._parts: OrderedDict[Hashable, tuple[Pieces, int]] = OrderedDict()
        self._letters = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Pieces | None:
        found = self._parts.get(key)
        if found is None:
            return None
        try:  # noqa: SIM105 - fifty times a list, and suppress() takes longer than all else here
            self._parts.move_to_end(key)
        except KeyError:  # somebody else has just let it go
            pass
        return found[0]

    def put(self, key: Hashable, pieces: Pieces) -> None:
        size = 200 + sum(len(each) if isinstance(each, str) else 100 for each in pieces)
        with self._lock:
            self._letters += size - self._parts.get(key, ((), 0))[1]
            self._parts[key] = pieces, size
            while self._letters > MOST_LETTERS and self._parts:
                self._letters -= self._parts.popitem(last=False)[1][1]

    def clear(self) -> None:
        with self._lock:
            self._parts.clear()
            self._letters = 0


def init_app(app: Flask) -> None:
    app.extensions["kept"] = Kept()
    names: dict[str, Any] = app.jinja_env.globals
    names["kept"] = kept
    for name in ("csrf_token", "csp_nonce"):
        names[name] = _left_open(names[name])


def kept(template: str, **values: Hashable) -> Markup:
    """The part with these values, where it tells no times."""
    return drawn(template, tuple(values.items()), lambda _marks: values, zoned=False)


def drawn(
    template: str, key: Hashable, values: Values, written: Written = _NOTHING, *, zoned: bool = True
) -> Markup:
    """The part whose looks `key` decides. `values`: what the template takes, asked for where it must be drawn; it is
    given a mark for each of `written`, plain words or HTML that are shown as they are and nothing more."""
    speaks = speaker()
    pieces = _pieces(speaks, template, zoned)(key, values, written)
    if speaks.holes is not None:  # within another part: its holes are that one's, too
        return Markup("").join(_again(each, written, speaks.holes) for each in pieces)
    return _filled(pieces, written, speaks)


def drawn_each(template: str, asked: Iterable[Asked]) -> list[Markup]:
    """Many of one template at once, none of them within another part."""
    speaks = speaker()
    found = _pieces(speaks, template, zoned=True)
    return [_filled(found(key, values, _NOTHING), _NOTHING, speaks) for key, values in asked]


def _filled(pieces: Pieces, written: Written, speaks: Speaker) -> Markup:
    html = "".join([each if each.__class__ is str else each(written, speaks) for each in pieces])  # type: ignore[operator]
    return Markup(html)  # noqa: S704 - a template's output, escaped there


def _pieces(
    speaks: Speaker, template: str, zoned: bool
) -> Callable[[Hashable, Values, Written], Pieces]:
    """What finds the pieces of a part by its key, and draws them where nobody did."""
    if speaks.shelf is None:
        parts = None if current_app.jinja_env.auto_reload else current_app.extensions["kept"]
        speaks.shelf = parts or Kept(), request.script_root
    parts, root = speaks.shelf
    zone = speaks.zone.key if zoned else ""
    alike = (template, assets.look_again(), speaks.language, zone, root)

    def found(key: Hashable, values: Values, written: Written) -> Pieces:
        pieces: Pieces | None = parts.get((alike, key))
        if pieces is None:
            pieces = _draw(template, values, written, Holes(_mark, zoned=zoned))
            parts.put((alike, key), pieces)
        return pieces

    return found


def _draw(
    template: str,
    values: Values,
    written: Written,
    holes: Holes,
) -> Pieces:
    speaks = speaker()
    outer, speaks.holes = speaks.holes, holes
    try:
        marks = {name: holes.add(_Word(name)) for name in written}
        html = current_app.jinja_env.get_template(template).render(**values(marks))
    finally:
        speaks.holes = outer
    parts = _MARKS.split(html)
    return tuple(
        holes.found[int(each)] if at % 2 else each for at, each in enumerate(parts) if each
    )


def _mark(number: int) -> Markup:
    return Markup(f"{_MARK}x{number}z")  # noqa: S704 - letters and figures


class _Word:
    """A hole for what is only written."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, written: Written, _speaks: Speaker) -> str:
        word = written[self.name]
        if isinstance(word, Markup):
            return word
        word = str(word)
        if not _PLAIN.fullmatch(word):
            raise ValueError(f"{self.name} is no plain word")
        return word


def _again(piece: str | Hole, written: Written, outer: Holes) -> Markup:
    if isinstance(piece, str):
        return Markup(piece)  # noqa: S704 - the same
    if isinstance(piece, _Word):  # perhaps itself a mark of the outer part
        return Markup(piece(written, speaker()))  # noqa: S704
    return outer.add(piece)


def _left_open(ask: Drawn) -> Drawn:
    """A global function of templates whose answer is the request's own, and the same all through it."""

    def fill(_written: Written, speaks: Speaker) -> str:
        told = speaks.asked.get(ask)
        if told is None:
            told = speaks.asked[ask] = str(ask())
        return told

    def answer() -> Any:
        holes = speaker().holes
        return ask() if holes is None else holes.add(fill)

    return answer  # type: ignore[return-value]
