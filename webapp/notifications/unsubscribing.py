"""The link in a mail that ends such mails, with one click and without signing in (RFC 8058).

The token is signed and names who, which kind and which thing: it opens nothing else, and does not expire, as mails do
not. Whoever has somebody's mail can end that person's mails of one kind, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from webapp.accounts.models import User
from webapp.core import db
from webapp.core.errors import NotFound
from webapp.mail import ending as addresses
from webapp.mail.kinds import KINDS as MAILS
from webapp.notifications import preferring
from webapp.notifications.kinds import KINDS
from webapp.sync.models import Connection
from webapp.targets.actions import REPORT, set_report_mail
from webapp.tickets.models import Ticket
from webapp.tickets.portal import following
from webapp.tickets.portal.models import Follower

REPORTER = "reporter"


@dataclass(frozen=True)
class Ending:
    """What a link ends. `role`: user:4, reporter or follower:12, as in a mail's lane; `thing`: ticket:7 or ""."""

    role: str
    kind: str
    thing: str


def unsubscribe_url(person: User | str, kind: str, thing: str = "") -> str:
    """The address for `List-Unsubscribe`. `person`: a user, or the role that a mail is queued for.

    `thing` is what the mail is about (`ticket:7`): the link ends the mails about that; "": those of the kind.
    """
    role = person if isinstance(person, str) else f"user:{person.id}"
    return addresses.url_of(role, kind, thing)


def end_of(template: str, person: User | str, *, thing: str = "") -> str:
    """Where mails of that template end; "" for what is no notice."""
    news = MAILS[template].news
    return unsubscribe_url(person, news, thing) if news else ""


def read(token: str) -> Ending:
    """Raises NotFound for anything that we did not sign."""
    found = addresses.read(token)
    if found is None:
        raise NotFound(gettext("This link is not whole. Copy it from the mail once more."))
    return Ending(*found)


def person_of(ending: Ending) -> User | None:
    name, _, key = ending.role.partition(":")
    return db.session().get(User, int(key)) if name == "user" and key.isdigit() else None


def thing_in_words(ending: Ending) -> str:
    """What the mails are about, as a person may be told who holds one: a ticket's number, a connection's name."""
    name, _, key = ending.thing.partition(":")
    if not key.isdigit():
        return ""
    if name == "connection":
        connection = db.session().get(Connection, int(key))
        return connection.name if connection is not None else ""
    ticket = db.session().get(Ticket, int(key)) if name == "ticket" else None
    return ticket.ref if ticket is not None else ""


def kind_in_words(ending: Ending) -> str:
    if ending.kind == REPORT:
        return gettext("the report that you asked for")
    if ending.kind:
        return str(KINDS[ending.kind].words) if ending.kind in KINDS else ""
    return gettext("all news")


def end(ending: Ending, *, whole_kind: bool = False) -> None:
    """Needs an open transaction. Done twice it is done once; who is gone gets no mail anyway.

    `whole_kind`: all mails of the kind, not only those about the thing.
    """
    person = person_of(ending)
    name, _, key = ending.role.partition(":")
    if person is not None and ending.kind == REPORT:
        set_report_mail(person, every="", args={})
    elif person is not None:
        if ending.thing and not whole_kind:
            preferring.mute(person, ending.thing, mail_only=True)
        else:
            preferring.end_mails_of_kind(person, ending.kind)
    elif name == "follower" and key.isdigit():
        follower = db.session().get(Follower, int(key))
        if follower is not None:
            following.stop(follower)
    elif ending.role == REPORTER and ending.thing:
        preferring.refuse_mail(ending.thing, role=REPORTER)


def can_begin_again(ending: Ending) -> bool:
    """A follower and who asked for a report say anew what they want, where they said it."""
    return ending.kind != REPORT and not ending.role.startswith("follower")


def begin_again(ending: Ending) -> None:
    """They want them after all."""
    person = person_of(ending)
    if not can_begin_again(ending):
        return
    if person is not None:
        preferring.unmute(person, ending.thing)
        preferring.begin_mails_of_kind(person, ending.kind)
    elif ending.role == REPORTER:
        preferring.accept_mail(ending.thing, role=REPORTER)
