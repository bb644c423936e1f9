"""XML bodies as objects. Pure."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from webapp.sync.connectors.parsing import DEEPEST


def read_xml(body: bytes) -> dict[str, Any]:
    """An element with children is an object, an empty one null; what repeats is a list. Raises ValueError."""
    try:
        root = fromstring(body.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise ValueError(str(error)) from None
    return {_local(root.tag): _value(root, 0)}


def _value(element: Element, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("too deep")
    children = list(element)
    if not children:
        text = (element.text or "").strip()
        return text or None
    found: dict[str, Any] = {}
    for child in children:
        name, value = _local(child.tag), _value(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
