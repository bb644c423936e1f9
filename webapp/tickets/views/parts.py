"""The parts of a ticket's page: each stands in the page, refreshes itself, and comes with answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import url_for
from markupsafe import Markup

from webapp.accounts.guards import viewer
from webapp.core.kept import drawn_each
from webapp.events.queries import told_of
from webapp.tickets import words
from webapp.tickets.models import Attachment, Ticket
from webapp.tickets.queries import Opened
from webapp.tickets.states import MOVES
from webapp.tickets.views import keeping, organised, related
from webapp.tickets.views.intake import Shown, new_key
from webapp.tickets.views.keeping import Part

MAILS_SHOWN = 5
PASSING = ("ticket.answer_held",)  # what soon is told by another fact


def part(name: str, opened: Opened, **more: Any) -> Markup:
    """The partial tickets/_<name>.html; `more`: what it shows differently this time."""
    if more:
        return keeping.fresh(name, PARTS[name], opened, **more)
    return keeping.html_of(name, PARTS[name], opened)


def answer(ticket: Ticket, names: Sequence[str], **more: Any) -> Markup:
    """For htmx: each named part anew, told where it belongs."""
    opened = Opened(ticket, viewer())
    wrapped = Markup('<hx-partial hx-target="#{}" hx-swap="outerHTML">{}</hx-partial>')
    return Markup("").join(
        wrapped.format(f"ticket-{ticket.id}-{name}", part(name, opened, **more)) for name in names
    )


def _alone(name: str, value: Any, _marks: object) -> dict[str, Any]:
    return {name: value}


def _conversation(opened: Opened) -> dict[str, Any]:
    plain = [each for each in opened.messages if not each.attachments]
    keys = [each.id for each in plain]
    said = [(each, partial(_alone, "message", each)) for each in plain]
    return {
        "messages": opened.messages,
        "bubbles": dict(zip(keys, drawn_each("tickets/_message.html", said), strict=True)),
        "sendings": opened.sendings,
        "newest_response_id": opened.newest_response_id,
        "file_url": file_url_of(opened.ticket),
    }


def _actions(opened: Opened) -> dict[str, Any]:
    return {
        "people": opened.people,
        "target": opened.target,
        "chosen": "",
        "conflict": "",
        "asked": False,
    }


def _refined(opened: Opened) -> dict[str, Any]:
    return {
        "known": opened.refinements,
        "typed": opened.ticket.refined_category,
        "conflict": "",
        "error": "",
    }


def _watchers(opened: Opened) -> dict[str, Any]:
    return {"watchers": opened.watchers}


def _history(opened: Opened) -> dict[str, Any]:
    told = [
        ((*each[:-1], str(each.data)), partial(_alone, "event", each))
        for each in told_of("ticket", opened.ticket.id)
        if each.type not in PASSING
    ]
    return {"facts": drawn_each("tickets/_fact.html", told)}


def _mail(opened: Opened) -> dict[str, Any]:
    # Statuses sent to upstreams stand in the panel that sync gives.
    mails = [each for each in opened.deliveries if each.channel == "mail"]
    return {"mails": mails[:MAILS_SHOWN], "more": max(0, len(mails) - MAILS_SHOWN)}


def _composer(opened: Opened) -> dict[str, Any]:
    draft = opened.draft
    begun = {"body": draft.body, "mode": draft.mode, "status": draft.status} if draft else {}
    return {
        "target": opened.target,
        "reporters": 1 + len(opened.merged),
        "form": Shown(begun),
        "by_mail": bool(opened.ticket.reporter_email),
        "saved": False,
        "draft_at": int(draft.updated_at.timestamp() * 1000) if draft else 0,
        "came_since": (),
        "asked": False,
    }


def _composer_written(opened: Opened) -> dict[str, Any]:
    draft, newest = opened.draft, opened.newest_response_id
    return {
        "submission_key": new_key(),
        "newest_response_id": newest,
        "seen_response_id": draft.seen_response_id if draft else newest,
    }


def _moves(opened: Opened) -> dict[str, Any]:
    return {"moves": [(each, words.status_name(each)) for each in MOVES[opened.ticket.status]]}


def file_url_of(ticket: Ticket) -> Callable[..., str]:
    """The address of one of its files; `size="thumb"`: of the small picture."""

    def file_url(file: Attachment, **how: Any) -> str:
        return url_for("tickets.ticket_file", ref=ticket.ref, attachment_id=file.id, **how)

    return file_url


_KNOWN = (
    "reporter_name reporter_email reporter_phone reported_at answers place barangay lat lng source source_name "
    "source_url control_number external_status created_at first_response_at resolved_at"
)
PARTS: dict[str, Part] = {
    "head": Part(("title", "status")),
    "conversation": Part(values=_conversation, alike=False),
    "actions": Part(("status", "assignee_id", "assignee"), _actions, _moves),
    "organised": Part(("priority", "due_at", "team"), organised.part_values, organised.part_words),
    "refined": Part(("category", "refined_category"), _refined),
    "facts": Part(tuple(_KNOWN.split())),
    "checklist": Part(values=related.checklist_values),
    "related": Part(("merged_at",), related.related_values, related.related_words),
    "watchers": Part(values=_watchers),
    "history": Part(values=_history, alike=False),
    "mail": Part(values=_mail),
    "composer": Part(("status", "source", "source_name"), _composer, _moves, _composer_written),
}
LIVE = tuple(name for name in PARTS if name != "composer")
