"""What the parts on other tickets and on what is to be done show."""

from __future__ import annotations

from typing import Any

from webapp.tickets import words
from webapp.tickets.queries import Opened


def related_values(opened: Opened) -> dict[str, Any]:
    return {
        "target": opened.target,
        "merged": opened.merged,
        "own": [each.id for each in opened.merged if each.merged_into_id == opened.ticket.id],
        "related": opened.related,
        "typed": {"kind": "relates", "other": ""},
        "error": "",
    }


def related_words(_opened: Opened) -> dict[str, Any]:
    return {"kinds": words.relation_choices()}


def checklist_values(opened: Opened) -> dict[str, Any]:
    items = opened.checklist
    return {
        "items": items,
        "done": sum(item.done_at is not None for item in items),
        "typed": "",
        "error": "",
    }
