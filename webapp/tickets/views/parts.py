"""The parts of a ticket's page: each stands in the page, refreshes itself, and comes with answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import render_template, url_for
from markupsafe import Markup

from webapp.accounts.guards import viewer
from webapp.events.queries import history_of
from webapp.outbox.queries import deliveries_of
from webapp.tickets import words
from webapp.tickets.models import Attachment, Ticket
from webapp.tickets.queries import Opened
from webapp.tickets.states import MOVES
from webapp.tickets.views import organised, related
from webapp.tickets.views.intake import Shown

MAILS_SHOWN = 5
PASSING = ("ticket.answer_held",)  # what soon is told by another fact


def part(name: str, opened: Opened, **more: Any) -> Markup:
    """The partial tickets/_<name>.html; `more`: what it shows differently this time."""
    ticket = opened.ticket
    src = url_for("tickets.ticket_part", ref=ticket.ref, part=name)
    values = {
        "ticket": ticket,
        "src": src,
        "may_work": opened.may_work,
        "viewer_id": opened.user.id,
        **PARTS[name](opened),
        **more,
    }
    html = render_template(f"tickets/_{name}.html", **values)
    return Markup(html)  # noqa: S704 - a template's output, escaped there


def answer(ticket: Ticket, names: Sequence[str], **more: Any) -> Markup:
    """For htmx: each named part anew, told where it belongs."""
    opened = Opened(ticket, viewer())
    wrapped = Markup('<hx-partial hx-target="#{}" hx-swap="outerHTML">{}</hx-partial>')
    return Markup("").join(
        wrapped.format(f"ticket-{ticket.id}-{name}", part(name, opened, **more)) for name in names
    )


def _conversation(opened: Opened) -> dict[str, Any]:
    return {
        "messages": opened.messages,
        "sendings": opened.sendings,
        "newest_response_id": opened.newest_response_id,
        "file_url": file_url_of(opened.ticket),
    }


def _actions(opened: Opened) -> dict[str, Any]:
    return {
        "people": opened.people,
        "moves": _moves(opened.ticket),
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


def _nothing_more(_opened: Opened) -> dict[str, Any]:
    return {}


def _watchers(opened: Opened) -> dict[str, Any]:
    return {"watchers": opened.watchers}


def _history(opened: Opened) -> dict[str, Any]:
    told = [each for each in history_of("ticket", opened.ticket.id) if each.type not in PASSING]
    return {"events": list(reversed(told))}


def _mail(opened: Opened) -> dict[str, Any]:
    # Statuses sent to upstreams stand in the panel that sync gives.
    left = deliveries_of("ticket", opened.ticket.id)
    mails = [each for each in left if each.channel == "mail"]
    return {"mails": mails[:MAILS_SHOWN], "more": max(0, len(mails) - MAILS_SHOWN)}


def _composer(opened: Opened) -> dict[str, Any]:
    draft, newest = opened.draft, opened.newest_response_id
    begun = {"body": draft.body, "mode": draft.mode, "status": draft.status} if draft else {}
    return {
        "target": opened.target,
        "reporters": 1 + len(opened.merged),
        "form": Shown.fresh(**begun),
        "saved": False,
        "draft_at": int(draft.updated_at.timestamp() * 1000) if draft else 0,
        "seen_response_id": draft.seen_response_id if draft else newest,
        "newest_response_id": newest,
        "came_since": (),
        "asked": False,
        "moves": _moves(opened.ticket),
    }


def _moves(ticket: Ticket) -> list[tuple[str, str]]:
    return [(status, words.status_name(status)) for status in MOVES[ticket.status]]


def file_url_of(ticket: Ticket) -> Callable[..., str]:
    """The address of one of its files; `size="thumb"`: of the small picture."""

    def file_url(file: Attachment, **how: Any) -> str:
        return url_for("tickets.ticket_file", ref=ticket.ref, attachment_id=file.id, **how)

    return file_url


PARTS: dict[str, Callable[[Opened], dict[str, Any]]] = {
    "head": _nothing_more,
    "conversation": _conversation,
    "actions": _actions,
    "organised": organised.part_values,
    "refined": _refined,
    "facts": _nothing_more,
    "checklist": related.checklist_values,
    "related": related.related_values,
    "watchers": _watchers,
    "history": _history,
    "mail": _mail,
    "composer": _composer,
}
LIVE = tuple(name for name in PARTS if name != "composer")
