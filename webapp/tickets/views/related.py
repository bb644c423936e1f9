"""What the parts on other tickets and on what is to be done show."""

from __future__ import annotations

from typing import Any

from webapp.tickets import words
from webapp.tickets.queries import Opened


def related_values(opened: Opened) -> dict[str, Any]:
    return {
        "target": opened.target,
        "merged": opened.merged,
        "related": opened.related,
        "kinds": words.relation_choices(),
        "typed": {"kind": "relates", "other": ""},
        "error": "",
    }


def checklist_values(opened: Opened) -> dict[str, Any]:
    items = opened.checklist
    return {
        "items": items,
        "done": sum(item.done_at is not None for item in items),
        "typed": "",
        "error": "",
    }
