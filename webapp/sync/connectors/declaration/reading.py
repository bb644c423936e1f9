"""From YAML text to a Declaration; what is wrong with it is said in sentences that name the place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import yaml
from flask_babel import gettext
from pydantic import ValidationError

from webapp.core.errors import Invalid
from webapp.sync.connectors.declaration.document import Declaration
from webapp.sync.connectors.declaration.part import Part

LONGEST = 200_000  # characters
MOST_PARTS = 20_000
DEEPEST = 30


def parse(text: str) -> Declaration:
    """The declaration in a YAML text. Raises Invalid; its `fields` go from place to sentence."""
    return parse_dict(read(text))


def read(text: str) -> dict[Any, Any]:
    """The document in a YAML text, not yet checked. Raises Invalid."""
    if len(text) > LONGEST:
        raise Invalid(gettext("The declaration is too long."))
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = gettext("line %(n)s", n=mark.line + 1) if mark is not None else ""
        problem = str(getattr(error, "problem", "") or gettext("not readable as YAML"))
        raise _invalid({place: problem}) from None
    if not isinstance(found, dict):
        raise _invalid({"": gettext("a declaration is a list of names and values")})
    return found


def parse_dict(found: Mapping[str, Any]) -> Declaration:
    """The declaration in a parsed document. Keys that begin with `x-` are there to be referred to."""
    document = {key: value for key, value in found.items() if not str(key).startswith("x-")}
    _check_keys(document)
    try:
        return Declaration.model_validate(_frozen(document))
    except ValidationError as error:
        raise _invalid(_sentences(error, document)) from None


def _check_keys(document: Mapping[Any, Any]) -> None:
    """All names are texts; and what references (*name) stand for does not grow beyond measure."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(document, ())]
    seen = 0
    while waiting:
        value, place = waiting.pop()
        seen += 1
        if seen > MOST_PARTS or len(place) > DEEPEST:
            raise _invalid({_written(place[:3]): gettext("it is too large or refers to itself")})
        if isinstance(value, dict):
            for key, inner in value.items():
                if not isinstance(key, str):
                    word = str(key).lower()
                    raise _invalid(
                        {_written(place): gettext("put quotes around %(key)s", key=word)}
                    )
                waiting.append((inner, (*place, key)))
        elif isinstance(value, list):
            waiting.extend((inner, (*place, str(n))) for n, inner in enumerate(value, start=1))


def _frozen(value: Any) -> Any:
    """Lists as tuples, and dates that YAML recognised as the texts they were."""
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    return value.isoformat() if isinstance(value, date) else value


def _invalid(fields: dict[str, str]) -> Invalid:
    said = "; ".join(
        f"{place}: {sentence}" if place else sentence
        for place, sentence in list(fields.items())[:5]
    )
    return Invalid(gettext("The declaration is not right. %(said)s", said=said), fields=fields)


def _sentences(problems: ValidationError, document: Any) -> dict[str, str]:
    """Of a part and what is inside of it only the inner one is named: the outer follows from it."""
    errors = problems.errors()
    places = [tuple(error["loc"]) for error in errors]
    inner = [
        error
        for error, place in zip(errors, places, strict=True)
        if not any(len(other) > len(place) and other[: len(place)] == place for other in places)
    ]
    return dict(_sentence(error, document) for error in inner)


def _sentence(error: Any, document: Any) -> tuple[str, str]:
    place, kind = _written(_steps(error["loc"], document)), error["type"]
    if kind == "missing":
        return place, gettext("is missing")
    if kind == "extra_forbidden":
        return place, gettext("is not known here") + _near(str(error["loc"][-1]))
    if kind == "union_tag_invalid":
        expected = error["ctx"]["expected_tags"]
        return place, gettext("kind must be one of %(kinds)s", kinds=expected)
    message = str(error["msg"]).removeprefix("Value error, ")
    return place, message[:1].lower() + message[1:]


def _near(word: str) -> str:
    close = difflib.get_close_matches(word, _known_names(), n=1)
    return gettext(" (did you mean %(word)s?)", word=close[0]) if close else ""


@cache
def _known_names() -> tuple[str, ...]:
    names: set[str] = set()
    waiting: list[type[Part]] = [Part]
    while waiting:
        part = waiting.pop()
        waiting.extend(part.__subclasses__())
        names.update(field.alias or name for name, field in part.model_fields.items())
    return tuple(sorted(names))


def _steps(loc: Any, document: Any) -> tuple[str, ...]:
    """The place as the author wrote it: shapes by name, without pydantic's union tags."""
    steps: list[str] = []
    here = document
    for step in loc:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            name = here.get("name") if isinstance(here, dict) else None
            steps.append(name if isinstance(name, str) else str(step + 1))
        elif isinstance(here, dict) and step in here:
            here = here[step]
            steps.append(step)
        elif here is None or (isinstance(here, dict) and here.get("kind") != step):
            steps.append(str(step))
    return tuple(steps)


def _written(steps: tuple[str, ...]) -> str:
    return " › ".join(steps) or gettext("the declaration")
