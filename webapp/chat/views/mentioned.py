"""Tickets and jobs that a message names by number: with their state, to who may see them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy import select

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.fieldwork.models import Job
from webapp.fieldwork.queries.jobs import mine
from webapp.fieldwork.words import state_name
from webapp.tickets.models import Ticket
from webapp.tickets.words import status_name

_REF = re.compile(r"(?<![\w-])[TJ]-\d{4}-\d{4,9}(?![\w-])")
_WEB = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@dataclass(frozen=True, slots=True)
class Thing:
    """What a number stands for: where it is opened, its state in words, its title."""

    url: str
    state: str
    title: str


# The numbers that a text holds, and for whom → those that this person may see.
Finder = Callable[[User, list[str]], Mapping[str, Thing]]


def _tickets(user: User, refs: list[str]) -> Mapping[str, Thing]:
    wanted = [ref for ref in refs if ref.startswith("T-")]
    if not wanted or not user.may(Permission.TICKETS_SEE):
        return {}
    query = select(Ticket.ref, Ticket.status, Ticket.title).where(Ticket.ref.in_(wanted))
    return {
        ref: Thing(url_for("tickets.show_ticket", ref=ref), str(status_name(status)), title)
        for ref, status, title in db.session().execute(query)
    }


def _jobs(user: User, refs: list[str]) -> Mapping[str, Thing]:
    wanted = [ref for ref in refs if ref.startswith("J-")]
    if not wanted:
        return {}
    query = select(Job.ref, Job.state, Job.title).where(Job.ref.in_(wanted), mine(user))
    return {
        ref: Thing(url_for("fieldwork.show_job", ref=ref), str(state_name(state)), title)
        for ref, state, title in db.session().execute(query)
    }


_FINDERS: tuple[Finder, ...] = (_tickets, _jobs)


def things_in(texts: Iterable[str], user: User) -> dict[str, Thing]:
    refs = sorted({ref for text in texts for ref in _REF.findall(text)})[:200]
    found: dict[str, Thing] = {}
    for find in _FINDERS if refs else ():
        found.update(find(user, refs))
    return found


def with_links(text: str, things: Mapping[str, Thing]) -> Markup:
    """The text with its web addresses and known numbers as links; everything else escaped."""
    parts: list[Markup] = []
    place = 0
    for match in re.finditer(f"{_REF.pattern}|{_WEB.pattern}", text):
        parts.append(escape(text[place : match.start()]))
        parts.append(_linked(match.group(), things))
        place = match.end()
    return Markup("").join([*parts, escape(text[place:])])


def _linked(word: str, things: Mapping[str, Thing]) -> Markup:
    if word.startswith("http"):
        return Markup('<a href="{0}" rel="noopener nofollow" target="_blank">{0}</a>').format(word)
    thing = things.get(word)
    if thing is None:
        return escape(word)
    return Markup('<a class="tag" href="{}" title="{}">{} · {}</a>').format(
        thing.url, thing.title, word, thing.state
    )
