"""Who is told of a fact, and in what words. Pure: facts in, decisions out. Of notes only
those hear whom they name, and these are staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.roles import Permission
from webapp.core.page_words import plain as gettext
from webapp.events.types import Actor, Fact
from webapp.notifications import kinds
from webapp.notifications.news import News
from webapp.tickets import states
from webapp.tickets.events import (
    TicketAssigned,
    TicketCreated,
    TicketFact,
    TicketNoted,
    TicketResponded,
    TicketRouted,
    TicketStatusChanged,
)

# Whoever tells of one of these has its facts; who pulls tickets loads no other package's.
if TYPE_CHECKING:
    from webapp.accounts.events import RefreshTokenReused, UserEdited
    from webapp.chat.events import MessageSent
    from webapp.fieldwork.events import JobAssigned
    from webapp.imports.events import ImportDone
    from webapp.outbox.events import DeliveryParked
    from webapp.progress.events import GoalCompleted, MilestoneReached
    from webapp.sync.events import SyncFailed, SyncRecovered
    from webapp.targets.events import TicketDeadlineMissed, TicketDeadlineNear

STATUS_WORDS: dict[str, Any] = {
    states.OPEN: _l("Open"),
    states.IN_PROGRESS: _l("In progress"),
    states.FOR_REROUTING: _l("For rerouting"),
    states.RESOLVED: _l("Resolved"),
    states.CLOSED: _l("Closed"),
}
ROLE_WORDS: dict[str, Any] = {
    "admin": _l("Admin"),
    "agent": _l("Agent"),
    "finance": _l("Finance"),
    "field": _l("Field worker"),
    "reporter": _l("Reporter"),
}


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


def public_text(fact: Fact, *, actor: Actor) -> tuple[str, str] | None:
    """Kind and words for the ticket's reporter. Of public facts alone."""
    match fact:
        case TicketStatusChanged():
            words = gettext("Your report is now: %(status)s", status=status_word(fact.new))
            return kinds.UPDATED, words
        case TicketResponded(by_reporter=False):
            return kinds.RESPONSE, gettext("%(name)s responded to your report", name=actor.name)
    return None


def news_of(fact: Fact, *, actor: Actor) -> News | None:
    """What the people of the desk are told of it; None where that is nothing."""
    words = _WORDS.get(fact.type)
    return words(fact, actor) if words is not None else None


def crowd_of(kind: type[Fact]) -> Permission | None:
    """What all hold who hear of such a fact; None where it is said to each by their own part in it."""
    return _CROWDS.get(kind)


def _created(fact: TicketCreated, actor: Actor) -> News | None:
    if fact.source == "import":
        return None  # who imports thousands sees their number on the import's page
    text = gettext("New ticket created: %(title)s", title=fact.title)
    return _of_ticket(fact, kinds.NEW, text, permission=crowd_of(type(fact)))


def _moved(fact: TicketStatusChanged, actor: Actor) -> News:
    text = gettext(
        "Ticket %(ref)s is now %(status)s: %(title)s",
        ref=fact.ref,
        status=status_word(fact.new),
        title=fact.title,
    )
    return _of_ticket(fact, kinds.UPDATED, text, permission=crowd_of(type(fact)), close=False)


def _responded(fact: TicketResponded, actor: Actor) -> News:
    """What a colleague answers, nobody is mailed."""
    text = gettext(
        "%(name)s responded to ticket %(ref)s: %(title)s",
        name=actor.name,
        ref=fact.ref,
        title=fact.title,
    )
    see = crowd_of(type(fact))
    return _of_ticket(
        fact, kinds.RESPONSE, text, permission=see, close=False, mails=fact.by_reporter
    )


def _noted(fact: TicketNoted, actor: Actor) -> News | None:
    text = gettext(
        "%(name)s named you on ticket %(ref)s: %(title)s",
        name=actor.name,
        ref=fact.ref,
        title=fact.title,
    )
    return _of_ticket(fact, kinds.MENTION, text, people=tuple(fact.mentioned))


def _assigned(fact: TicketAssigned | TicketRouted, actor: Actor) -> News | None:
    text = gettext("Ticket %(ref)s was assigned to you: %(title)s", ref=fact.ref, title=fact.title)
    people = (fact.assignee_id,) if fact.assignee_id is not None else ()
    return _of_ticket(fact, kinds.ASSIGNMENT, text, people=people)


def _job_given(fact: JobAssigned, actor: Actor) -> News:
    text = gettext("Job %(ref)s is yours: %(title)s", ref=fact.ref, title=fact.title)
    people, title = tuple(fact.added), f"{fact.ref} {fact.title}"[:200]
    return News(
        kinds.ASSIGNMENT,
        text,
        f"/my-day/{fact.ref}",
        f"job:{fact.subject_id}",
        title,
        people=people,
    )


def _due(fact: TicketDeadlineNear | TicketDeadlineMissed, actor: Actor) -> News:
    missed = fact.type == "ticket.deadline_missed"
    if fact.kind == "response":
        words = (
            gettext("Answer was due {at}: %(what)s", what=_what(fact))
            if missed
            else gettext("Answer is due {at}: %(what)s", what=_what(fact))
        )
    else:
        words = (
            gettext("Solution was due {at}: %(what)s", what=_what(fact))
            if missed
            else gettext("Solution is due {at}: %(what)s", what=_what(fact))
        )
    at = datetime.fromisoformat(fact.deadline)
    return _of_ticket(fact, kinds.REMINDER, words, responsible=True, moment=at)


def _what(fact: TicketFact) -> str:
    return f"{fact.ref} {fact.title}"


def _sync_failed(fact: SyncFailed, actor: Actor) -> News:
    text = gettext("%(name)s could not be read: %(error)s", name=fact.name, error=fact.error)
    return _of_connection(fact, text, failed=True)


def _sync_recovered(fact: SyncRecovered, actor: Actor) -> News:
    return _of_connection(fact, gettext("%(name)s answers again", name=fact.name), failed=False)


def _parked(fact: DeliveryParked, actor: Actor) -> News:
    return News(
        kinds.INCIDENT,
        gettext("Could not be sent: %(summary)s", summary=fact.summary),
        "/outbox?state=parked",
        "outbox",
        permission=Permission.OUTBOX_MANAGE,
        failed=True,
        mails=False,
        bunch="parked",
    )


def _role_changed(fact: UserEdited, actor: Actor) -> News | None:
    if "role" not in fact.changes:
        return None
    role = str(ROLE_WORDS.get(fact.changes["role"][1], fact.changes["role"][1]))
    text = gettext("Your role is now: %(role)s", role=role)
    return News(
        kinds.SYSTEM, text, "/account", f"user:{fact.subject_id}", people=(fact.subject_id,)
    )


def _device_ended(fact: RefreshTokenReused, actor: Actor) -> News:
    text = gettext("A device of yours was signed out: its key was used twice")
    thing, people = f"user:{fact.subject_id}", (fact.subject_id,)
    url = "/account/devices"
    return News(kinds.SYSTEM, text, url, thing, people=people, mails=False, to_actor=True)


def _reached(fact: MilestoneReached, actor: Actor) -> News:
    from webapp.progress.told import milestone_words

    text = gettext("Milestone: %(what)s", what=milestone_words(fact.name))
    return _own_progress(fact, kinds.MILESTONE, text, "/progress")


def _completed(fact: GoalCompleted, actor: Actor) -> News:
    return _own_progress(fact, kinds.ACHIEVEMENT, gettext("You reached a goal"), "/progress/goals")


def _own_progress(fact: Fact, kind: str, text: str, url: str) -> News:
    """Theirs alone to hear; that they did it themselves is the point."""
    thing, people = f"progress:{fact.subject_id}", (fact.subject_id,)
    return News(kind, text, url, thing, people=people, to_actor=True)


def _chatted(fact: MessageSent, actor: Actor) -> News | None:
    """Whom a message names, and whom one is written to alone. What it says stays in the chat."""
    url, thing = f"/chat/{fact.subject_id}", f"channel:{fact.subject_id}"
    if fact.mentioned:
        text = gettext("%(name)s named you in the chat", name=actor.name)
        people = tuple(fact.mentioned)
        return News(kinds.MENTION, text, url, thing, fact.name, people=people)
    if fact.direct:
        text = gettext("%(name)s wrote to you", name=actor.name)
        people, bunch = tuple(fact.direct), f"chat-{fact.subject_id}"
        return News(kinds.SOCIAL, text, url, thing, people=people, mails=False, bunch=bunch)
    return None


def _imported(fact: ImportDone, actor: Actor) -> News | None:
    if actor.kind != "user" or actor.id is None:
        return None
    text = gettext("The import of %(name)s is done: %(n)s new", name=fact.name, n=fact.created)
    url, thing = f"/imports/{fact.subject_id}", f"import:{fact.subject_id}"
    return News(kinds.SYSTEM, text, url, thing, people=(actor.id,), to_actor=True)


def _of_ticket(fact: TicketFact, kind: str, text: str, **options: Any) -> News:
    thing = f"ticket:{fact.subject_id}"
    return News(kind, text, f"/tickets/{fact.ref}", thing, _what(fact)[:200], **options)


def _of_connection(fact: SyncFailed | SyncRecovered, text: str, *, failed: bool) -> News:
    """Its mails are of incidents, see `incidents`."""
    return News(
        kinds.INCIDENT,
        text,
        f"/connections/{fact.subject_id}",
        f"connection:{fact.subject_id}",
        fact.name[:200],
        permission=Permission.SYNC_MANAGE,
        failed=failed,
        mails=False,
    )


_CROWDS = dict.fromkeys(
    (TicketCreated, TicketStatusChanged, TicketResponded), Permission.TICKETS_SEE
)
_WORDS: dict[str, Callable[[Any, Actor], News | None]] = {  # by the type of the fact
    TicketCreated.type: _created,
    TicketStatusChanged.type: _moved,
    TicketResponded.type: _responded,
    TicketNoted.type: _noted,
    TicketAssigned.type: _assigned,
    TicketRouted.type: _assigned,
    "job.assigned": _job_given,
    "ticket.deadline_near": _due,
    "ticket.deadline_missed": _due,
    "connection.sync_failed": _sync_failed,
    "connection.sync_recovered": _sync_recovered,
    "delivery.parked": _parked,
    "user.edited": _role_changed,
    "user.refresh_token_reused": _device_ended,
    "import.done": _imported,
    "progress.milestone": _reached,
    "progress.goal_completed": _completed,
    "chat.sent": _chatted,
}
