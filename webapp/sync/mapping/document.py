"""A declaration as a plain document that a form can change, and back to YAML. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from webapp.core.errors import Invalid
from webapp.sync.connectors.declaration import Declaration, parse, parse_dict, read

Document = dict[str, Any]

_FIELD = re.compile(r"^field (\w+): (.*)$", re.DOTALL)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def load(text: str) -> Document:
    """The document in a declaration's text, checked. Raises Invalid."""
    found = read(text)
    parse_dict(found)
    return {key: _apart(value) for key, value in found.items() if not key.startswith("x-")}


def _apart(value: Any) -> Any:
    """A copy in which nothing stands in two places, as what YAML's aliases repeat does."""
    if isinstance(value, dict):
        return {name: _apart(each) for name, each in value.items()}
    return [_apart(each) for each in value] if isinstance(value, list) else value


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


@dataclass(frozen=True)
class Place:
    """The part of a document that says what one kind of records becomes: a shape's own, or that of its children."""

    shape: Document
    part: Document
    kind: str
    target: str
    kinds: tuple[tuple[str, str], ...]  # all of the shape with their targets, the list's own first

    @property
    def is_child(self) -> bool:
        return self.kind != self.kinds[0][0]

    def borrow(self) -> None:
        """Have the tables of values that it uses of its shape stand in it, to be shown and changed."""
        own = self.part.get("values") or {}
        self.part["values"] = {
            **{name: _apart(self._shared[name]) for name in self._used if name in self._shared},
            **own,
        }

    def give_back(self) -> None:
        """The other way round: what stands there just as well needs no second place."""
        values = self.part.get("values") or {}
        if self.is_child:
            values = {n: each for n, each in values.items() if self._shared.get(n) != each}
        self.part["values"] = values
        if not values:
            del self.part["values"]

    @property
    def _shared(self) -> Document:
        return (self.shape.get("values") or {}) if self.is_child else {}

    @property
    def _used(self) -> list[str]:
        rules = [rule for rule in self.part["fields"].values() if isinstance(rule, dict)]
        calls = (self.part.get("push") or {}).values()
        sent = [name for call in calls for name in (call.get("values") or {}).values()]
        return [name for name in (*(rule.get("values") for rule in rules), *sent) if name]


def place_in(document: Document, shape: str, kind: str) -> Place:
    """The first shape for the name of none, and its list's records for the name of no kind."""
    shapes: list[Document] = document["shapes"]
    found = next((each for each in shapes if each.get("name") == shape), shapes[0])
    children: Document = found.get("children") or {}
    own, target = str(document.get("record", "report")), str(document.get("target", "ticket"))
    kinds = ((own, target), *((name, str(each["target"])) for name, each in children.items()))
    if kind in children:
        return Place(found, children[kind], kind, dict(kinds)[kind], kinds)
    return Place(found, found, own, target, kinds)


def pushed_in(part: Document) -> dict[str, str]:
    """field → the title of the call that takes our value of it there."""
    calls = (part.get("push") or {}).values()
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


def field_errors(error: Invalid, at: Place) -> dict[str, str]:
    """Place in the document → sentence, as name of the form's control → sentence. `at`: what the form shows."""
    found: dict[str, str] = {}
    for place, sentence in (error.fields or {"": error.message}).items():
        name, words = _control(place, sentence, at)
        found.setdefault(name, words)
    return found


_ASKED = {
    "list › path": "a__path",
    "list › items": "a__items",
    "base_path": "a__base_path",
    "record › id": "a__id",
    "record › updated_at": "a__updated",
    "record › created_at": "a__created",
    "path": "a__path",
    "items": "a__items",
    "inside": "a__inside",
}
_WAY = re.compile(r"^(?:list › )?(auth|paging|incremental) › ([^›]+?)(?: › (\w+))?(?: › \d+)*$")


def _control(place: str, sentence: str, at: Place) -> tuple[str, str]:
    named = _FIELD.match(sentence)
    if named:
        return f"{named[1]}__from", named[2]
    steps = place.split(" › ")[2:]  # without shapes › its name
    if steps[:1] == ["children"]:
        if steps[1:2] != [at.kind]:
            return "", f"{place}: {sentence}"
        steps = steps[2:]
    for part, name in (("fields", "{}__from"), ("values", "v__{}__0")):
        if part in steps[:-1]:
            return name.format(steps[steps.index(part) + 1]), sentence
    rest = " › ".join(steps)
    way = _WAY.match(rest)
    if way:
        position = _position(at.shape, way[1], way[2])
        return f"a__{way[1]}__{position}__{way[3] or 'kind'}", sentence
    control = next((name for start, name in _ASKED.items() if rest.startswith(start)), "")
    said = rest if control else place
    return control, f"{said}: {sentence}" if said else sentence


def _position(shape: Document, part: str, called: str) -> int:
    """Of a way that a place in the document calls by its name, or by its number from 1."""
    some = shape[part] if part == "auth" else shape["list"][part]
    names = [each.get("name") for each in some]
    if called in names:
        return names.index(called)
    return int(called) - 1 if called.isdecimal() else 0
