"""New tickets go to whom the rules say: one by one, or a whole page of a pull at once."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select, update

from webapp.core import db
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches, record_many
from webapp.events.types import SYSTEM, Fact
from webapp.tickets.assigning.choosing import Case, Rule, first_fitting, least_busy
from webapp.tickets.assigning.queries import names, unfinished_of, working_rules
from webapp.tickets.events import TicketRouted
from webapp.tickets.models import Ticket
from webapp.tickets.states import UNFINISHED

Taken = dict[tuple[int | None, int | None], list[int]]  # (team, person) → tickets


def hand_out(_event: Event, fact: Fact) -> None:
    """Reaction to TicketCreated."""
    _hand_out([fact.subject_id])


@for_batches(hand_out)
def hand_out_many(batch: Batch) -> None:
    """The same for a whole page, with as many statements."""
    _hand_out([fact.subject_id for fact in batch.facts])


def _hand_out(ids: list[int]) -> None:
    """Those that wait and are nobody's yet. What somebody was given already, the rules leave alone."""
    rules = working_rules()
    if not rules:
        return
    query = select(
        Ticket.id, Ticket.ref, Ticket.title,
        Ticket.category, Ticket.refined_category, Ticket.barangay, Ticket.source,
    ).where(
        Ticket.id.in_(ids), Ticket.team_id.is_(None), Ticket.assignee_id.is_(None),
        Ticket.status.in_(UNFINISHED),
    )  # fmt: skip
    busy = unfinished_of({person for rule in rules for person in rule.people})
    team_names, people_names = names(rules)
    taken: Taken = defaultdict(list)
    facts = []
    for key, ref, title, *about in db.session().execute(query.order_by(Ticket.id)).all():
        rule = first_fitting(rules, Case(*about))
        if rule is None:
            continue
        person = _person(rule, busy)
        taken[rule.team_id, person].append(key)
        facts.append(
            TicketRouted(
                subject_id=key,
                ref=ref,
                title=title,
                rule=rule.place,
                team=team_names.get(rule.team_id or 0, ""),
                assignee=people_names.get(person or 0, ""),
                assignee_id=person,
            )
        )
    for (team_id, person), keys in taken.items():
        given = update(Ticket).where(Ticket.id.in_(keys))
        db.session().execute(given.values(team_id=team_id, assignee_id=person))
    record_many(facts, actor=SYSTEM)


def _person(rule: Rule, busy: dict[int, int]) -> int | None:
    """Counts the ticket as theirs at once, so that a page of many spreads over a team."""
    if not rule.people:
        return rule.user_id
    person = least_busy(rule.people, busy)
    if person is not None:
        busy[person] = busy.get(person, 0) + 1
    return person
