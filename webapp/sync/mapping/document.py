"""A declaration as a plain document that a form can change, and back to YAML. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

import yaml

from webapp.core.errors import Invalid
from webapp.sync.connectors.declaration import Declaration, parse, parse_dict

Document = dict[str, Any]

_FIELD = re.compile(r"^field (\w+): (.*)$", re.DOTALL)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def load(text: str) -> Document:
    """The document in a declaration's text, checked. Raises Invalid."""
    parse(text)
    found = yaml.safe_load(text)
    return {key: copy.deepcopy(value) for key, value in found.items() if not key.startswith("x-")}


def dump(document: Mapping[str, Any]) -> str:
    """YAML in the document's own order."""
    return yaml.dump(
        dict(document), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100, indent=2
    )


def laid_out(declaration: Declaration) -> str:
    """YAML that is the same for all ways of writing the same: to tell what differs, not to be kept."""
    said = declaration.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return dump(_short(said))


def _short(value: Any) -> Any:
    """`{from: [a]}` as `a`, as people write it."""
    if isinstance(value, list):
        return [_short(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _short(each) for name, each in value.items()}
    paths = found.get("from")
    if isinstance(paths, list) and len(paths) == 1:
        found["from"] = paths[0]
    return found["from"] if set(found) == {"from"} else found


def text_of(document: Mapping[str, Any], before: str) -> str:
    """Its YAML; the text before it, comments and all, where both say the same. Raises Invalid."""
    after = parse_dict(copy.deepcopy(dict(document)))
    try:
        if parse(before) == after:
            return before
    except Invalid:
        pass
    return dump(document)


def target_of(document: Document) -> str:
    """The kind of our records that theirs become."""
    return str(document.get("target", "ticket"))


def shape_in(document: Document, name: str) -> Document:
    """The part of that name; the first one for an unknown name."""
    shapes: list[Document] = document["shapes"]
    return next((shape for shape in shapes if shape.get("name") == name), shapes[0])


def part_in(shape: Document, kind: str) -> Document:
    """What is said of the children of that kind; the shape itself where there are none."""
    found: Document = (shape.get("children") or {}).get(kind, shape)
    return found


def pushed_in(shape: Document) -> dict[str, str]:
    """field → the title of the call that takes our value of it there."""
    calls = (shape.get("push") or {}).values()
    return {field: str(call["title"]) for call in calls for field in call["fields"]}


def inline(value: Mapping[str, Any]) -> str:
    """Arguments of a transform as a person writes them: `length: 80, country: '63'`."""
    if not value:
        return ""
    written: str = yaml.dump(
        dict(value), Dumper=_Plain, default_flow_style=True, allow_unicode=True, width=10_000
    )
    return written.strip()[1:-1]


def from_inline(text: str) -> dict[str, Any]:
    """The other way round. Raises ValueError."""
    if not text.strip():
        return {}
    try:
        found = yaml.safe_load("{" + text + "}")
    except yaml.YAMLError:
        raise ValueError(text) from None
    if not isinstance(found, dict) or any(value is None for value in found.values()):
        raise ValueError(text)
    return found


def field_errors(error: Invalid) -> dict[str, str]:
    """Place in the document → sentence, as name of the form's control → sentence."""
    found: dict[str, str] = {}
    for place, sentence in (error.fields or {"": error.message}).items():
        name, words = _control(place, sentence)
        found.setdefault(name, words)
    return found


_ASKED = {
    "list › path": "a__path",
    "list › items": "a__items",
    "base_path": "a__base_path",
    "record › id": "a__id",
    "record › updated_at": "a__updated",
    "record › created_at": "a__created",
    "auth": "a__auth",
    "list › paging": "a__paging",
    "list › incremental": "a__incremental",
}


def _control(place: str, sentence: str) -> tuple[str, str]:
    named = _FIELD.match(sentence)
    if named:
        return f"{named[1]}__from", named[2]
    steps = place.split(" › ")
    if "fields" in steps[:-1]:
        return f"{steps[steps.index('fields') + 1]}__from", sentence
    if "values" in steps[:-1]:
        return f"v__{steps[steps.index('values') + 1]}__0", sentence
    rest = " › ".join(steps[2:])
    for start, control in _ASKED.items():
        if rest.startswith(start):
            return control, f"{rest}: {sentence}"
    return "", f"{place}: {sentence}" if place else sentence
