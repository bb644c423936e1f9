"""Name → how to build the transform. A transform takes (value, warn), never None, and may raise ValueError."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any
from zoneinfo import ZoneInfo

from webapp.sync.connectors.transforms import media, numbers, rows, texts, times

Warn = Callable[[str], None]
Transform = Callable[[Any, Warn], Any]
Build = Callable[..., Transform]

TRANSFORMS: dict[str, Build] = {
    "text": texts.text,
    "first_line": texts.first_line,
    "truncate": texts.truncate,
    "lower": texts.lower,
    "upper": texts.upper,
    "strip_html": texts.strip_html,
    "crlf": texts.crlf,
    "join": texts.join,
    "first": texts.first,
    "prefix": texts.prefix,
    "phone": texts.phone,
    "email": texts.email,
    "url": texts.url,
    "datetime": times.moment,
    "decimal": numbers.decimal,
    "integer": numbers.integer,
    "boolean": numbers.boolean,
    "coordinate": numbers.coordinate,
    "coordinate_of": numbers.coordinate_of,
    "media": media.media,
    "rows": rows.rows,
    "sum_of": rows.sum_of,
}


def build(name: str, args: Any, *, zone: ZoneInfo) -> Transform:
    """The transform of that name. Raises ValueError with a sentence for an unknown name or argument."""
    maker = TRANSFORMS.get(name)
    if maker is None:
        raise ValueError(
            f"there is no transform {name!r}; there are {', '.join(sorted(TRANSFORMS))}"
        )
    if not isinstance(args, Mapping):
        raise ValueError(f"the transform {name} takes named arguments, as in {{{name}: {{…}}}}")
    known = [name for name in signature(maker).parameters if name != "zone"]
    unknown = sorted(str(each) for each in args if each not in known)
    if unknown:
        raise ValueError(
            f"the transform {name} knows no {', '.join(unknown)}; it knows {', '.join(known) or 'nothing'}"
        )
    _check_types(name, maker, args)
    try:
        return maker(zone=zone, **args)
    except TypeError:
        raise ValueError(f"the transform {name} needs {', '.join(known)}") from None


# As an argument is annotated → what may be given, in words and as types.
_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "int": ("a whole number", (int,)),
    "float": ("a number", (int, float)),
    "str": ("a text", (str,)),
    "Mapping": ("names with values, as in {code: path}", (Mapping,)),
}


def _check_types(name: str, maker: Build, args: Mapping[str, Any]) -> None:
    for given, value in args.items():
        annotation = str(signature(maker).parameters[given].annotation)
        words, types = _TYPES.get(annotation.partition(" | ")[0].partition("[")[0], ("", ()))
        if types and (not isinstance(value, types) or isinstance(value, bool)):
            raise ValueError(f"{given} of the transform {name} is {words}")
