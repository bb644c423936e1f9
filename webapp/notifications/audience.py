"""Who is told of a fact, and in what words. Pure: facts in, decisions out. Of notes only
those hear whom they name, and these are staff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from webapp.events.types import Actor, Fact
from webapp.fieldwork.events import JobAssigned
from webapp.outbox.events import DeliveryParked
from webapp.sync.events import SyncFailed, SyncRecovered
from webapp.tickets import states
from webapp.tickets.events import (
    TicketAssigned,
    TicketCreated,
    TicketNoted,
    TicketResponded,
    TicketRouted,
    TicketStatusChanged,
)

STATUS_WORDS: dict[str, Any] = {
    states.OPEN: _l("Open"),
    states.IN_PROGRESS: _l("In progress"),
    states.FOR_REROUTING: _l("For rerouting"),
    states.RESOLVED: _l("Resolved"),
    states.CLOSED: _l("Closed"),
}
MOST_ALIKE = 3  # of one kind and cause at once; the rest is a figure


class Toast(NamedTuple):
    """A short message on the pages that listen to `topic`. `url` is a path of this desk."""

    topic: str
    kind: str  # new, updated, response, info, error
    text: str
    url: str | None = None


@dataclass(frozen=True)
class Told:
    """A toast and who caused it."""

    toast: Toast
    actor: Actor


def status_word(status: str) -> str:
    return str(STATUS_WORDS.get(status, status))


def mails_reporter(fact: Fact, *, actor: Actor) -> bool:
    """Whether the reporter, if their address is known, gets a mail of it.

    What came from an upstream is told by the upstream; what the reporter did, they know.
    """
    if actor.kind == "connection":
        return False
    match fact:
        case TicketCreated():
            return fact.confirm and fact.source in ("form", "desk", "mail")
        case TicketStatusChanged():
            return actor.kind != "reporter"
        case TicketResponded():
            return not fact.by_reporter
    return False


def mails_followers(fact: Fact) -> bool:
    """The agent a ticket is assigned to, and those who watch it, are mailed what its reporter writes."""
    return isinstance(fact, TicketResponded) and fact.by_reporter


def toasts_for(fact: Fact, *, actor: Actor) -> list[Toast]:
    """What open pages say of it. Topics `follow:…` are read by reporters: public things only."""
    match fact:
        case TicketCreated(source="import"):
            return []  # who imports thousands sees their number on the import's page
        case TicketCreated():
            text = gettext("New ticket created: %(title)s", title=fact.title)
            return [Toast("staff", "new", text, f"/tickets/{fact.ref}")]
        case TicketStatusChanged():
            return _status_toasts(fact)
        case TicketResponded():
            return _response_toasts(fact, actor)
        case TicketAssigned() | TicketNoted() | TicketRouted() | JobAssigned():
            return _own_toasts(fact, actor)
    return _trouble_toasts(fact)


def condense(told: Sequence[Told]) -> list[Toast]:
    """At most three of one topic, kind and cause one by one, then one with the number of the others."""
    alike: dict[tuple[str, str, Actor], list[Toast]] = defaultdict(list)
    for one in told:
        alike[one.toast.topic, one.toast.kind, one.actor].append(one.toast)
    shown: list[Toast] = []
    for (topic, kind, actor), toasts in alike.items():
        shown += toasts[:MOST_ALIKE]
        if len(toasts) > MOST_ALIKE:
            text = _rest(kind, len(toasts) - MOST_ALIKE, actor.name)
            shown.append(Toast(topic, kind, text, _list_of(topic)))
    return shown


def _status_toasts(fact: TicketStatusChanged) -> list[Toast]:
    status = status_word(fact.new)
    staff = gettext(
        "Ticket %(ref)s is now %(status)s: %(title)s", ref=fact.ref, status=status, title=fact.title
    )
    public = gettext("Your report is now: %(status)s", status=status)
    return [
        Toast("staff", "updated", staff, f"/tickets/{fact.ref}"),
        Toast(f"follow:{fact.subject_id}", "updated", public),
    ]


def _response_toasts(fact: TicketResponded, actor: Actor) -> list[Toast]:
    text = gettext(
        "%(name)s responded to ticket %(ref)s: %(title)s",
        name=actor.name,
        ref=fact.ref,
        title=fact.title,
    )
    toasts = [Toast("staff", "response", text, f"/tickets/{fact.ref}")]
    if not fact.by_reporter:
        public = gettext("%(name)s responded to your report", name=actor.name)
        toasts.append(Toast(f"follow:{fact.subject_id}", "response", public))
    return toasts


def _own_toasts(
    fact: TicketAssigned | TicketNoted | TicketRouted | JobAssigned, actor: Actor
) -> list[Toast]:
    """To one member of the staff alone: it concerns them."""
    if isinstance(fact, JobAssigned):
        return _job_toasts(fact, actor)
    if isinstance(fact, TicketNoted):
        return _mention_toasts(fact, actor)
    if fact.assignee_id is None or (actor.kind == "user" and actor.id == fact.assignee_id):
        return []
    text = gettext("Ticket %(ref)s was assigned to you: %(title)s", ref=fact.ref, title=fact.title)
    return [Toast(f"user:{fact.assignee_id}", "updated", text, f"/tickets/{fact.ref}")]


def _job_toasts(fact: JobAssigned, actor: Actor) -> list[Toast]:
    """To each one who got it, unless they took it themselves."""
    text = gettext("Job %(ref)s is yours: %(title)s", ref=fact.ref, title=fact.title)
    own = actor.id if actor.kind == "user" else None
    url = f"/my-day/{fact.ref}"
    return [Toast(f"user:{key}", "updated", text, url) for key in fact.added if key != own]


def _mention_toasts(fact: TicketNoted, actor: Actor) -> list[Toast]:
    """To those alone whom the note names: they are staff."""
    text = gettext(
        "%(name)s named you on ticket %(ref)s: %(title)s",
        name=actor.name,
        ref=fact.ref,
        title=fact.title,
    )
    url = f"/tickets/{fact.ref}"
    return [Toast(f"user:{user_id}", "response", text, url) for user_id in fact.mentioned]


def _trouble_toasts(fact: Fact) -> list[Toast]:
    match fact:
        case SyncFailed():
            text = gettext(
                "%(name)s could not be read: %(error)s", name=fact.name, error=fact.error
            )
            return [Toast("admin", "error", text, f"/connections/{fact.subject_id}")]
        case SyncRecovered():
            text = gettext("%(name)s answers again", name=fact.name)
            return [Toast("admin", "info", text, f"/connections/{fact.subject_id}")]
        case DeliveryParked():
            text = gettext("Could not be sent: %(summary)s", summary=fact.summary)
            return [Toast("outbox", "error", text, "/outbox?state=parked")]
    return []


def _rest(kind: str, count: int, name: str) -> str:
    match kind:
        case "new":
            text = ngettext(
                "%(num)s more new ticket from %(name)s",
                "%(num)s more new tickets from %(name)s",
                count,
                name=name,
            )
        case "updated":
            text = ngettext(
                "%(num)s more ticket updated by %(name)s",
                "%(num)s more tickets updated by %(name)s",
                count,
                name=name,
            )
        case "response":
            text = ngettext(
                "%(num)s more response by %(name)s",
                "%(num)s more responses by %(name)s",
                count,
                name=name,
            )
        case _:
            text = ngettext("%(num)s more message", "%(num)s more messages", count)
    return str(text)


def _list_of(topic: str) -> str | None:
    return {"staff": "/tickets", "outbox": "/outbox?state=parked", "admin": "/connections"}.get(
        topic
    )
