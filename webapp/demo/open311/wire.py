"""GeoReport v2 on the wire: the same rows as JSON or as XML."""

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET  # only writes

from flask import Response, jsonify

Rows = Iterable[dict[str, Any]]


def answer(rows: Rows, *, form: str, root: str, item: str, status: int = 200) -> Response:
    """`form` is json or xml; `root` and `item` name the XML elements."""
    if form == "json":
        reply = jsonify([dict(row) for row in rows])
    else:
        reply = Response(_xml(rows, root, item), content_type="text/xml; charset=utf-8")
    reply.status_code = status
    return reply


def refusal(status: int, description: str, *, form: str) -> Response:
    """The error shape of the standard: a list, because there may be several."""
    rows = [{"code": status, "description": description}]
    return answer(rows, form=form, root="errors", item="error", status=status)


def _xml(rows: Rows, root: str, item: str) -> bytes:
    top = ET.Element(root)
    for row in rows:
        element = ET.SubElement(top, item)
        for name, value in row.items():
            child = ET.SubElement(element, name)
            child.text = None if value is None else _text(value)
    whole: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return whole


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
