"""A mail becomes what it is: an answer, a note, a ticket, or nothing, with the reason. Needs an open transaction."""

from __future__ import annotations

from flask_babel import gettext
from pydantic import ValidationError

from webapp.accounts.models import User
from webapp.accounts.queries import find_user_by_email
from webapp.accounts.roles import Permission
from webapp.core import db, storage
from webapp.events.types import Actor
from webapp.inbound import deciding, knowing, nature, returning, telling
from webapp.inbound.deciding import Verdict
from webapp.inbound.files import Sorted, sort_files
from webapp.inbound.message import Incoming, Party, read
from webapp.inbound.receiving import settle
from webapp.inbound.words import why_ignored
from webapp.mail.models import InboundMail
from webapp.tickets import actions as tickets
from webapp.tickets.forms import DeskTicketForm
from webapp.tickets.models import Ticket
from webapp.tickets.relating.kinds import RELATES
from webapp.tickets.relating.queries import stands_for
from webapp.tickets.states import OPEN
from webapp.tickets.texts import title_from


def file_mail(row: InboundMail, *, as_new: bool = False) -> None:
    """`as_new`: a person wants a ticket of it, whatever it is."""
    mail = read(storage.read(row.storage_key))
    kind = nature.nature_of(mail, own=knowing.own_addresses())
    if row.partial and not as_new:
        _too_large(row, answerable=kind.answerable)
    elif as_new:
        _new_ticket(row, mail, confirm=False)
    elif kind.kind == nature.BOUNCE and mail.bounce is not None:
        returning.returned(row, mail.bounce, mail)
    elif kind.kind != nature.PERSON:
        row.ticket_id = knowing.verdict_of(mail).ticket_id
        settle(row, "ignored", why_ignored(kind.kind, kind.sign))
    else:
        _take(row, mail, answerable=kind.answerable)


def _take(row: InboundMail, mail: Incoming, *, answerable: bool) -> None:
    verdict = knowing.verdict_of(mail)
    ticket = db.session().get_one(Ticket, verdict.ticket_id) if verdict.ticket_id else None
    if ticket is None or verdict.what == deciding.LINKED:
        _new_ticket(row, mail, confirm=answerable, earlier=ticket)
    elif verdict.what == deciding.RESPONSE:
        _response(row, mail, ticket, verdict, answerable=answerable)
    else:
        _from_staff(row, mail, ticket, public=verdict.what == deciding.STAFF_RESPONSE)


def _response(
    row: InboundMail, mail: Incoming, ticket: Ticket, verdict: Verdict, *, answerable: bool
) -> None:
    is_reporter = mail.sender.address == ticket.reporter_email.lower()
    name = (ticket.reporter_name if is_reporter else "") or _called(mail.sender)
    actor = Actor("reporter", ticket.id, name)
    files = sort_files(mail)
    body = mail.text or gettext("(A mail without words)")
    tickets.respond(ticket, body=body, actor=actor, attachments=files.good)
    if verdict.reopen:
        tickets.change_status(stands_for(ticket), status=OPEN, actor=actor)
    _taken(row, ticket, gettext("An answer of the reporter."), files)
    if answerable:
        telling.tell_of_files(row, ticket, files)


def _from_staff(row: InboundMail, mail: Incoming, ticket: Ticket, *, public: bool) -> None:
    """An answer in their name where they answer what can be answered; everything else stays inside."""
    user = find_user_by_email(mail.sender.address)
    works = user is not None and user.may(Permission.TICKETS_WORK)
    body = mail.text or gettext("(A mail without words)")
    files = sort_files(mail)
    if public and works and user is not None:
        tickets.respond(ticket, body=body, actor=user.actor, attachments=files.good)
        _taken(row, ticket, gettext("An answer of the staff."), files)
        return
    author = user.actor if user is not None else Actor("reporter", None, _called(mail.sender))
    tickets.add_note(stands_for(ticket), body=body, actor=author, attachments=files.good)
    _taken(row, ticket, gettext("Kept as an internal note."), files)


def _new_ticket(
    row: InboundMail, mail: Incoming, *, confirm: bool, earlier: Ticket | None = None
) -> None:
    passed_on = mail.forwarded if _is_staff(find_user_by_email(mail.sender.address)) else None
    reporter, subject, text = mail.sender, mail.subject, mail.text
    if passed_on is not None:
        reporter = Party(passed_on.name, passed_on.address)
        subject, text = passed_on.subject, passed_on.text or mail.whole
    confirm = confirm and knowing.may_confirm(row, reporter.address)
    files = sort_files(mail)
    form = _form(subject, text, reporter)
    actor = Actor("reporter", None, _called(reporter))
    ticket = tickets.take_from_mail(form, photos=files.good, confirm=confirm, actor=actor)
    if earlier is not None:
        tickets.relate(ticket, earlier, kind=RELATES, actor=actor)
    row.answered = confirm and bool(ticket.reporter_email)
    row.thread = f"ticket:{ticket.id}:reporter"
    _taken(row, ticket, gettext("A new ticket."), files)
    if confirm and passed_on is None:
        telling.tell_of_files(row, ticket, files)


def _form(subject: str, text: str, reporter: Party) -> DeskTicketForm:
    values = {
        "title": title_from(subject, text),
        "description": text or subject or gettext("(A mail without words)"),
        "name": reporter.name[:200],
        "email": reporter.address,
    }
    try:
        return DeskTicketForm(**values)
    except ValidationError:  # an address that no mail can go to
        return DeskTicketForm(**values | {"email": "", "name": _called(reporter)[:200]})


def _too_large(row: InboundMail, *, answerable: bool) -> None:
    settle(row, "ignored", gettext("It is larger than 30 MB; only its head was kept."))
    if answerable:
        telling.tell_too_large(row)


def _taken(row: InboundMail, ticket: Ticket, reason: str, files: Sorted) -> None:
    row.ticket_id = stands_for(ticket).id
    row.thread = row.thread or f"ticket:{ticket.id}:reporter"
    lost = [gettext("Not taken: %(name)s.", name=name) for name in files.refused]
    settle(row, "taken", " ".join([reason, *lost]))


def _is_staff(user: User | None) -> bool:
    return user is not None and user.may(Permission.TICKETS_WORK)


def _called(party: Party) -> str:
    return party.name or party.address or gettext("Reporter")
