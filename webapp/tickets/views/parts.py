"""The parts of a ticket's page: each stands in the page, refreshes itself, and comes with answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import render_template, url_for
from markupsafe import Markup

from webapp.accounts.guards import viewer
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.events.queries import history_of
from webapp.outbox.queries import deliveries_of
from webapp.tickets import queries, words
from webapp.tickets.composing import queries as prepared
from webapp.tickets.models import Attachment, Ticket
from webapp.tickets.relating.queries import merged_into, stands_for, watchers_of
from webapp.tickets.states import MOVES
from webapp.tickets.views import organised, related
from webapp.tickets.views.intake import Shown

MAILS_SHOWN = 5
PASSING = ("ticket.answer_held",)  # what soon is told by another fact


def part(name: str, ticket: Ticket, **more: Any) -> Markup:
    """The partial tickets/_<name>.html; `more`: what it shows differently this time."""
    src = url_for("tickets.ticket_part", ref=ticket.ref, part=name)
    values = {"ticket": ticket, "src": src, **PARTS[name](ticket), **more}
    html = render_template(f"tickets/_{name}.html", **values)
    return Markup(html)  # noqa: S704 - a template's output, escaped there


def answer(ticket: Ticket, names: Sequence[str], **more: Any) -> Markup:
    """For htmx: each named part anew, told where it belongs."""
    wrapped = Markup('<hx-partial hx-target="#{}" hx-swap="outerHTML">{}</hx-partial>')
    return Markup("").join(
        wrapped.format(f"ticket-{ticket.id}-{name}", part(name, ticket, **more)) for name in names
    )


def _head(_ticket: Ticket) -> dict[str, Any]:
    return {"may_work": viewer().may(Permission.TICKETS_WORK)}


def _conversation(ticket: Ticket) -> dict[str, Any]:
    return {
        "messages": queries.conversation_of(ticket, internal=True),
        "sendings": prepared.sendings_of(ticket),
        "newest_response_id": queries.newest_response_id(ticket),
        "viewer_id": viewer().id,
        "file_url": file_url_of(ticket),
    }


def _actions(ticket: Ticket) -> dict[str, Any]:
    may_work = viewer().may(Permission.TICKETS_WORK)
    people = people_who_may(Permission.TICKETS_WORK) if may_work else []
    return {
        "may_work": may_work,
        "viewer_id": viewer().id,
        "people": [(person.id, person.name) for person in people],
        "moves": _moves(ticket),
        "target": stands_for(ticket) if ticket.merged_into_id else None,
        "chosen": "",
        "conflict": "",
        "asked": False,
    }


def _refined(ticket: Ticket) -> dict[str, Any]:
    may_work = viewer().may(Permission.TICKETS_WORK)
    return {
        "may_work": may_work,
        "known": queries.known_refinements(ticket.category) if may_work else [],
        "typed": ticket.refined_category,
        "conflict": "",
        "error": "",
    }


def _facts(_ticket: Ticket) -> dict[str, Any]:
    return {}


def _watchers(ticket: Ticket) -> dict[str, Any]:
    return {"watchers": watchers_of(ticket), "viewer_id": viewer().id}


def _history(ticket: Ticket) -> dict[str, Any]:
    told = [each for each in history_of("ticket", ticket.id) if each.type not in PASSING]
    return {"events": list(reversed(told))}


def _mail(ticket: Ticket) -> dict[str, Any]:
    # Statuses sent to upstreams stand in the panel that sync gives.
    mails = [each for each in deliveries_of("ticket", ticket.id) if each.channel == "mail"]
    return {"mails": mails[:MAILS_SHOWN], "more": max(0, len(mails) - MAILS_SHOWN)}


def _composer(ticket: Ticket) -> dict[str, Any]:
    draft = prepared.draft_of(ticket, viewer().id)
    begun = {"body": draft.body, "mode": draft.mode, "status": draft.status} if draft else {}
    newest = queries.newest_response_id(ticket)
    return {
        "may_work": viewer().may(Permission.TICKETS_WORK),
        "target": stands_for(ticket) if ticket.merged_into_id else None,
        "reporters": 1 + len(merged_into(ticket)),
        "form": Shown.fresh(**begun),
        "saved": False,
        "draft_at": int(draft.updated_at.timestamp() * 1000) if draft else 0,
        "seen_response_id": draft.seen_response_id if draft else newest,
        "newest_response_id": newest,
        "came_since": (),
        "asked": False,
        "moves": _moves(ticket),
    }


def _moves(ticket: Ticket) -> list[tuple[str, str]]:
    return [(status, words.status_name(status)) for status in MOVES[ticket.status]]


def file_url_of(ticket: Ticket) -> Callable[..., str]:
    """The address of one of its files; `size="thumb"`: of the small picture."""

    def file_url(file: Attachment, **how: Any) -> str:
        return url_for("tickets.ticket_file", ref=ticket.ref, attachment_id=file.id, **how)

    return file_url


PARTS: dict[str, Callable[[Ticket], dict[str, Any]]] = {
    "head": _head,
    "conversation": _conversation,
    "actions": _actions,
    "organised": organised.part_values,
    "refined": _refined,
    "facts": _facts,
    "checklist": related.checklist_values,
    "related": related.related_values,
    "watchers": _watchers,
    "history": _history,
    "mail": _mail,
    "composer": _composer,
}
LIVE = tuple(name for name in PARTS if name != "composer")
