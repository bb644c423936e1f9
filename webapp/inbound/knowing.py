"""What the database knows of a mail: of whom, about which ticket, how often before."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from webapp.core import clock, db, settings
from webapp.core.errors import Misconfigured
from webapp.inbound import deciding, nature
from webapp.inbound.deciding import Known, OurMail, Verdict
from webapp.inbound.message import Incoming
from webapp.mail import queries as mails
from webapp.mail.compose import sender_address
from webapp.mail.models import InboundMail, MailMessage
from webapp.mail.threads import message_id_of
from webapp.outbox.models import Delivery
from webapp.tickets.models import Ticket
from webapp.tickets.relating.queries import stands_for, watchers_of
from webapp.tickets.states import FINISHED

LOOK_BACK = timedelta(hours=3)


def own_addresses() -> set[str]:
    """Those this desk sends from and reads at."""
    box = mails.mailbox()
    own = {box.address.lower(), box.username.lower()} if box else set()
    own.add(_sender())
    return {address for address in own if "@" in address}


def verdict_of(mail: Incoming) -> Verdict:
    ours = _our_mail(mail)
    answered = _known(db.session().get(Ticket, ours.ticket_id)) if ours else None
    tagged = _known(_tagged(mail)) if answered is None else None
    rule, days = _rule_of(answered or tagged)
    return deciding.decide(
        mail,
        ours=ours,
        of_ours=answered,
        tagged=tagged,
        rule=rule,
        days=days,
        now=clock.now(),
    )


def _rule_of(known: Known | None) -> tuple[str, int]:
    """What an answer does when the ticket is finished: its team's word, else the mailbox's."""
    ticket = db.session().get_one(Ticket, known.ticket_id) if known else None
    team = stands_for(ticket).team if ticket else None
    if team is not None and team.closed_rule:
        return team.closed_rule, team.closed_days
    box = mails.mailbox()
    return (box.closed_rule, box.closed_days) if box else (deciding.REOPEN, 0)


def may_confirm(row: InboundMail, address: str) -> bool:
    """Whether a machine's answer may go there once more."""
    recent = select(func.count()).where(
        InboundMail.sender == address,
        InboundMail.answered,
        InboundMail.received_at > clock.now() - LOOK_BACK,
    )
    sent = db.session().scalar(recent) or 0
    alike = db.session().scalar(recent.where(InboundMail.subject_key == row.subject_key)) or 0
    return nature.may_confirm(sent=sent, alike=alike)


def message_behind(mail: Incoming) -> MailMessage | None:
    """The mail of ours that it answers or returns: by its headers, else by the address it was sent to."""
    domains = {address.rpartition("@")[2] for address in own_addresses()}
    tokens = [
        message_id_of(token, domain) for token in deciding.reply_tokens(mail) for domain in domains
    ]
    return mails.find_message([*deciding.our_ids(mail), *tokens])


def _our_mail(mail: Incoming) -> OurMail | None:
    found = message_behind(mail)
    return _as_answered(found) if found else None


def _as_answered(message: MailMessage) -> OurMail | None:
    kind, _, rest = message.thread.partition(":")
    number, _, role = rest.partition(":")
    if kind != "ticket" or not number.isdigit():
        return None
    delivery = db.session().get_one(Delivery, message.delivery_id)
    return OurMail(int(number), role, delivery.kind, message.recipient)


def _tagged(mail: Incoming) -> Ticket | None:
    wanted = deciding.tags(mail)[:1]
    if not wanted:
        return None
    return db.session().scalar(select(Ticket).where(Ticket.ref == wanted[0]))


def _known(ticket: Ticket | None) -> Known | None:
    """The ticket by whose way the mail comes; its state and staff are those of the one that stands for it."""
    if ticket is None:
        return None
    target = stands_for(ticket)
    staff = {person.email.lower() for person in watchers_of(target)}
    if target.assignee is not None and target.assignee.active:
        staff.add(target.assignee.email.lower())
    finished = target.status in FINISHED
    at = (target.resolved_at or target.updated_at) if finished else None
    return Known(ticket.id, finished, at, ticket.reporter_email.lower(), staff)


def _sender() -> str:
    try:
        return sender_address(settings.current().mail_default_sender).lower()
    except Misconfigured:
        return ""
