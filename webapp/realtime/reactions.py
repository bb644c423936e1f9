"""What open pages hear of past facts: which regions to read anew. At most one signal a topic and transaction."""

from __future__ import annotations

from collections.abc import Collection

from webapp.core import db
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches
from webapp.events.types import Fact
from webapp.outbox.models import Delivery
from webapp.realtime import live

_TICKET = "ticket:changed"


def show_ticket(event: Event, _fact: Fact) -> None:
    """Lists and counters of the staff, the ticket's page, and the reporter's page unless it is internal."""
    _once("staff", "tickets:changed")
    _once(f"ticket:{event.subject_id}", _TICKET, id=event.subject_id)
    if not event.internal:
        _once(f"follow:{event.subject_id}", _TICKET, id=event.subject_id)


@for_batches(show_ticket)
def show_tickets(batch: Batch) -> None:
    """Each once, for its page and the reporter's alike."""
    _once("staff", "tickets:changed")
    pages = ("ticket",) if batch.same["internal"] else ("ticket", "follow")
    for row in batch.rows:
        key = row["subject_id"]
        if topics := [f"{page}:{key}" for page in pages if _is_first(f"{page}:{key}", _TICKET)]:
            live.signal(topics, _TICKET, id=key)


def show_new_ticket(_event: Event, _fact: Fact) -> None:
    """Lists and counters alone: nobody can have the page of a ticket open that did not exist yet."""
    _once("staff", "tickets:changed")


@for_batches(show_new_ticket)
def show_new_tickets(_batch: Batch) -> None:
    _once("staff", "tickets:changed")


def show_cluster(_event: Event, _fact: Fact) -> None:
    """The list of clusters, and each one's page: they hear of every ticket anyway."""
    _once("staff", "tickets:changed")


_CLAIM_PAGES = {"bordereau": "bordereau", "bulletin": "bulletin", "payment_batch": "batch"}


def show_claim(event: Event, _fact: Fact) -> None:
    """The lists and figures of the claim side, and the page of the bordereau, bulletin or batch itself."""
    _once("claims", "claims:changed")
    page = _CLAIM_PAGES.get(event.subject_kind)
    if page:
        _once(f"{page}:{event.subject_id}", f"{page}:changed", id=event.subject_id)


def show_complaint(event: Event, _fact: Fact) -> None:
    """The page of the ticket that was tied to a bulletin, or untied."""
    ticket_id = event.data["ticket_id"]
    _once(f"ticket:{ticket_id}", _TICKET, id=ticket_id)


def show_job(event: Event, _fact: Fact) -> None:
    """The lists of jobs, the job's page, the day of those who do it or did, and its ticket's page."""
    from webapp.fieldwork.queries import hearers_of  # here, so that whoever has no jobs loads none

    crew, ticket_id = hearers_of(event.subject_id)
    _once("jobs", "jobs:changed")
    _once(f"job:{event.subject_id}", "job:changed", id=event.subject_id)
    for user_id in {*crew, *event.data.get("removed", ())}:
        _once(f"user:{user_id}", "jobs:changed")
    ids = {ticket_id, event.data.get("ticket_id"), *event.data.get("ticket_ids", ())}
    for key in sorted(key for key in ids if key):
        _once(f"ticket:{key}", "jobs:changed", id=key)


def show_employees(event: Event, _fact: Fact) -> None:
    """The lists of employees and plans; a day that was ordered anew: also to whom it belongs."""
    _once("jobs", "jobs:changed")
    if event.data.get("user_id"):
        _once(f"user:{event.data['user_id']}", "jobs:changed")


@for_batches(show_claim)
def show_claims(_batch: Batch) -> None:
    _once("claims", "claims:changed")


def show_record(event: Event, fact: Fact) -> None:
    """Of a fact about a record that an upstream has as well: the pages of its kind."""
    show = show_ticket if event.subject_kind == "ticket" else show_claim
    show(event, fact)


def show_activity(_event: Event, _fact: Fact) -> None:
    _once("staff", "activity:changed")


def show_progress(event: Event, _fact: Fact) -> None:
    """The person's own pages, on all their devices."""
    _once(f"user:{event.subject_id}", "analytics:updated")
    _once(f"user:{event.subject_id}", "activity:created")


def show_chat(event: Event, _fact: Fact) -> None:
    """The pages of all who may see the channel, and of who has just left it."""
    from webapp.chat.queries import hearers  # as above

    left = event.data.get("user_id")
    for user_id in {*hearers(event.subject_id), *([left] if left else [])}:
        _once(f"user:{user_id}", "chat:changed", channel=event.subject_id)


def chat_told(members: Collection[int], name: str, about: dict[str, int]) -> None:
    """Who has read how far, who is writing: heard, and kept nowhere."""
    live.signal([f"user:{user_id}" for user_id in members], name, **about)


def show_own_activity(event: Event, _fact: Fact) -> None:
    """Of a fact that stands in the feed of whoever brought it about."""
    if event.actor_kind == "user" and event.actor_id is not None:
        _once(f"user:{event.actor_id}", "activity:created")


def show_views(_event: Event, _fact: Fact) -> None:
    """Saved views stand above the lists of everybody who has them."""
    _once("staff", "views:changed")


@for_batches(show_activity)
def show_activities(_batch: Batch) -> None:
    _once("staff", "activity:changed")


def show_connection(event: Event, _fact: Fact) -> None:
    connection_moved(event.subject_id)


def end_sessions(event: Event, _fact: Fact) -> None:
    """A device was signed out: the person's streams end, and those of the others come back at once."""
    live.end_streams(event.subject_id)


def end_changed_sessions(event: Event, fact: Fact) -> None:
    """On UserEdited: where rights or the password changed, all devices are out."""
    if {"role", "active", "password"} & set(event.data.get("changes", {})):
        end_sessions(event, fact)


def connection_moved(connection_id: int) -> None:
    """A pull went on, or a connection's state changed."""
    _once(f"connection:{connection_id}", "connection:changed", id=connection_id)
    _once("admin", "connection:changed", id=connection_id)


def delivery_moved(delivery: Delivery) -> None:
    """A delivery was queued, tried or settled: the outbox, its connection's page, its record's page."""
    _once("outbox", "outbox:changed")
    page = {"ticket": "ticket", **_CLAIM_PAGES}.get(delivery.subject_kind or "")
    if page:
        _once(f"{page}:{delivery.subject_id}", "delivery:changed", id=delivery.subject_id)
    kind, _, raw_id = delivery.target.partition(":")
    if kind == "connection":
        _once(f"connection:{raw_id}", "outbox:changed")


def mails_moved() -> None:
    """Mail came in, or was settled: the page of incoming mail."""
    _once("outbox", "mails:changed")


def show_mailbox(_event: Event, _fact: Fact) -> None:
    """Whether it can be read stands on the page of incoming mail, and on Health."""
    _once("outbox", "mails:changed")
    _once("admin", "connection:changed")


def bulk_moved(scope: str) -> None:
    """Something is being done to many records: their progress, and the page that it was asked for on."""
    if scope == "tickets":
        _once("staff", "bulk:changed")
        return
    _once("outbox", "bulk:changed")
    if scope.startswith("connection:"):
        _once(scope, "bulk:changed")
        _once(scope, "connection:changed")


def _once(topic: str, name: str, **detail: int) -> None:
    if _is_first(topic, name):
        live.signal(topic, name, **detail)


def _is_first(topic: str, name: str) -> bool:
    return db.first_time(f"live {topic} {name}")
