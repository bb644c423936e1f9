"""How the parts of a page are drawn: each stands in the page, refreshes itself, and comes with answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, render_template, url_for
from markupsafe import Markup

# Parts of the pages that other modules own; they decide what they show, and to whom.
FRAGMENTS: dict[str, dict[str, str]] = {
    "bulletin": {
        "duplicates": "claims.duplicates_of",
        "complaints": "claims.complaints_of",
        "sync-panel": "sync.bulletin_panel",
    },
    "bordereau": {"sync-panel": "sync.bordereau_panel"},
}


def drawn(template: str, values: Mapping[str, Any]) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704 - a template's output, escaped there


def answer(prefix: str, parts: Mapping[str, Markup]) -> Markup:
    """For htmx: each part anew, told where it belongs."""
    wrapped = Markup('<hx-partial hx-target="#{}" hx-swap="outerHTML">{}</hx-partial>')
    return Markup("").join(wrapped.format(f"{prefix}-{name}", html) for name, html in parts.items())


def fragments(kind: str, key: int) -> list[tuple[str, str]]:
    """(id of its place, address) of the parts that load themselves; those that nobody offers are left out."""
    named: dict[str, Any] = {f"{kind}_id": key}
    return [
        (f"{kind}-{key}-{name}", url_for(endpoint, **named))
        for name, endpoint in FRAGMENTS[kind].items()
        if endpoint in current_app.view_functions
    ]
