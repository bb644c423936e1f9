"""A page's form as a browser would send it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict


class _Controls(HTMLParser):
    """The successful controls of the form with this id, in their order."""

    def __init__(self, form_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._form_id, self._inside = form_id, False
        self._area = self._select = ""
        self._first: str | None = None
        self._chosen: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == self._form_id
        if not self._inside:
            return
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.found.append((name, given.get("value") or ""))
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._select, self._first, self._chosen = name, None, None
        elif tag == "option" and self._select:
            value = given.get("value") or ""
            self._first = value if self._first is None else self._first
            self._chosen = value if "selected" in given else self._chosen

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._area:
            self.found.append((self._area, "".join(self._text).removeprefix("\n")))
            self._area = ""
        elif tag == "select" and self._select:
            value = self._chosen if self._chosen is not None else self._first
            self.found.append((self._select, value or ""))
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text.append(data)


def form_of(page: str, form_id: str = "mapping-form", **changes: Any) -> MultiDict[str, str]:
    """Its values, with some of them changed; None takes one out."""
    reader = _Controls(form_id)
    reader.feed(page)
    assert reader.found, f"no form {form_id}"
    values: MultiDict[str, str] = MultiDict(reader.found)
    for name, value in changes.items():
        values.poplist(name)
        if value is not None:
            values[name] = value
    return values
