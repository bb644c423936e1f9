"""The ways that a shape tries: to sign in, to page, to ask for what changed. Each with the controls that its kind has.

Controls are named `a__<part>__<position>__<name>`; whatever a way can say stands in KINDS. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from webapp.sync.mapping.document import Document
from webapp.sync.mapping.editor import Form

MOST = 8  # ways of one part
ADD, DROP = "way:", "drop:"
Ways = dict[str, list[dict[str, str]]]  # part → its ways, each control → what stands in it


@dataclass(frozen=True)
class Control:
    """`how`: text, paths, prefix, number, numbers, tick; or a choice of `choices`. `usual`: as if it were left out."""

    name: str
    label: Any
    how: str = "text"
    needed: bool = False
    usual: Any = None
    hint: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()


_TIMES = (
    ("iso_z", "2026-11-20T10:00:00Z"),
    ("iso", "2026-11-20T10:00:00+00:00"),
    ("date", "2026-11-20"),
    ("epoch", _l("seconds since 1970")),
    ("epoch_ms", _l("milliseconds since 1970")),
)
_PROVE = Control(
    "prove",
    _l("Only once a test has shown that they honour it"),
    "tick",
    usual=False,
)
_FORMAT = Control("format", _l("How that time is written"), "choice", usual="iso_z", choices=_TIMES)
_SIZED = (
    Control("size_param", _l("Parameter of the page's size")),
    Control("size", _l("Records on a page"), "number", usual=100),
)
_ENDS = Control(
    "ends",
    _l("The last page is"),
    "choice",
    usual="empty",
    choices=(("empty", _l("the first that is empty")), ("short", _l("the first that is not full"))),
)
_NAMED = Control("name", _l("Name of the header or key"), needed=True)
_NEXT = Control("next", _l("Where the next cursor or address is"), "paths", needed=True)
_FROM = Control("from_param", _l("Parameter of the slice's begin"), needed=True)

KINDS: dict[str, dict[str, tuple[Control, ...]]] = {
    "auth": {
        "none": (),
        "bearer": (),
        "header": (_NAMED, Control("prefix", _l("In front of the token"), "prefix", usual="")),
        "query": (_NAMED,),
        "form": (_NAMED,),
        "basic": (),
    },
    "paging": {
        "none": (),
        "cursor": (
            Control("param", _l("Parameter of the page or cursor"), needed=True),
            _NEXT,
            *_SIZED,
            Control("required", _l("An answer without it is an error"), "tick", usual=False),
            _PROVE,
        ),
        "page_number": (
            Control("param", _l("Parameter of the page or cursor"), usual="page"),
            Control("first", _l("Number of the first page"), "number", usual=1),
            *_SIZED,
            _ENDS,
            _PROVE,
        ),
        "offset": (
            Control("param", _l("Parameter of the page or cursor"), usual="offset"),
            *_SIZED,
            _ENDS,
            _PROVE,
        ),
        "link": (
            Control(
                "next",
                _l("Where the next cursor or address is"),
                "paths",
                hint=_l("Empty: in the Link header."),
            ),
            *_SIZED,
            _PROVE,
        ),
        "window": (
            _FROM,
            Control("to_param", _l("Parameter of the slice's end"), needed=True),
            _FORMAT,
            Control("first_days", _l("Days of the first slice"), "number", usual=7),
            Control("max_days", _l("Days of a slice at most"), "number", usual=90),
            Control("min_seconds", _l("Seconds of a slice at least"), "number", usual=1),
            Control(
                "saturated_at",
                _l("Numbers of records that mean: there are more"),
                "numbers",
                usual=[20, 25, 50, 100, 200, 500, 1000],
            ),
            Control("earliest", _l("Nothing is older than"), usual="2010-01-01"),
            _PROVE,
        ),
    },
    "incremental": {
        "full": (),
        "updated_since": (
            Control("param", _l("Parameter that takes the time"), needed=True),
            _FORMAT,
            _PROVE,
        ),
        "created_window": (
            _FROM,
            Control("to_param", _l("Parameter of the slice's end")),
            _FORMAT,
            Control("max_days", _l("Days of a slice at most"), "number"),
            Control(
                "repoll",
                _l("What is still open there"),
                "choice",
                usual="ids",
                choices=(
                    ("ids", _l("is asked for by its id")),
                    ("window", _l("is listed again, however old")),
                ),
            ),
            Control("id_param", _l("Parameter that takes the ids")),
            Control("batch", _l("Ids asked for at once"), "number", usual=50),
            _PROVE,
        ),
    },
}


def ways_in(shape: Document) -> Ways:
    """What each control shows."""
    return {part: [_shown(part, way) for way in _declared(shape, part)] for part in KINDS}


def controls(part: str, kind: str) -> tuple[Control, ...]:
    return KINDS[part].get(kind, ())


def typed_ways(form: Form, shape: Document, *, do: str = "") -> Ways:
    """As they were typed, right or wrong; those of the shape where the form held none. `do`: one more or less."""
    found = ways_in(shape)
    for part in KINDS:
        typed = [_typed(form, f"a__{part}__{n}__") for n in range(MOST)]
        found[part] = [way for way in typed if way] or found[part]
    _do(found, do)
    return found


def put_ways(shape: Document, ways: Ways) -> dict[str, str]:
    """Into the shape; control → sentence for what cannot be read."""
    wrong: dict[str, str] = {}
    for part, typed in ways.items():
        before = _declared(shape, part)
        made = []
        for n, way in enumerate(typed):
            old = before[n] if n < len(before) else {}
            made.append(_made(part, way, old, f"a__{part}__{n}__", wrong))
        (shape if part == "auth" else shape["list"])[part] = made
    return wrong


def _declared(shape: Document, part: str) -> list[Document]:
    found: list[Document] = (shape if part == "auth" else shape["list"])[part]
    return found


def _shown(part: str, way: Document) -> dict[str, str]:
    shown = {"kind": str(way["kind"])}
    for control in controls(part, shown["kind"]):
        value = way.get(control.name, control.usual)
        if control.how == "tick":
            shown[control.name] = "1" if value else ""
        elif isinstance(value, list | tuple):
            shown[control.name] = ", ".join(map(str, value))
        else:
            shown[control.name] = "" if value is None else str(value)
    return shown


def _typed(form: Form, start: str) -> dict[str, str]:
    found = form.after(start)
    return found if found.get("kind") else {}


def _do(ways: Ways, do: str) -> None:
    part, _colon, position = do.removeprefix(ADD).removeprefix(DROP).partition(":")
    if part not in KINDS:
        return
    if do.startswith(ADD) and len(ways[part]) < MOST:
        ways[part].append({"kind": next(iter(KINDS[part]))})
    elif do.startswith(DROP) and position.isdecimal() and len(ways[part]) > 1:
        del ways[part][int(position) : int(position) + 1]


def _made(
    part: str, typed: Mapping[str, str], before: Document, start: str, wrong: dict[str, str]
) -> Document:
    way: Document = {"kind": typed["kind"]}
    for control in controls(part, typed["kind"]):
        try:
            value = _value(control, typed.get(control.name, ""), before.get(control.name))
        except ValueError:
            wrong[start + control.name] = gettext("This is no number.")
            continue
        if control.needed and value in (None, ""):
            wrong[start + control.name] = gettext("Without this it cannot work.")
        if value is not None and (value != control.usual or control.name in before):
            way[control.name] = value
    return way


def _value(control: Control, typed: str, before: Any) -> Any:
    """None: left out. Raises ValueError."""
    text = typed.strip()
    if control.how == "tick":
        return bool(text)
    if control.how == "prefix":
        return _prefix(text, str(before or ""))
    if control.how == "numbers":  # none at all says something else than nothing
        return [int(each) for each in text.split(",") if each.strip()]
    return _read(control.how, text) if text else None


def _read(how: str, text: str) -> Any:
    if how == "number":
        number = float(text)
        return int(number) if number.is_integer() else number
    some = [each.strip() for each in text.split(",") if each.strip()]
    return some if how == "paths" and len(some) > 1 else text


def _prefix(text: str, before: str) -> str:
    """With one blank after it, unless it was written otherwise before."""
    if text == before.strip():
        return before
    return text + " " if text else ""
