"""What follows from facts of `webapp.inbound`."""

from __future__ import annotations

from webapp.events import record
from webapp.inbound import events as inbound
from webapp.notifications import admin_mails
from webapp.realtime import reactions as pages

REACTIONS: record.Reactions = {
    # Mail that comes in
    inbound.MailReturned: (pages.show_ticket, pages.show_activity),
    inbound.InboundMailFailed: (pages.show_activity,),
    inbound.InboundMailDecided: (pages.show_activity,),
    inbound.MailStopLifted: (pages.show_activity,),
    inbound.MailboxEdited: (pages.show_mailbox, pages.show_activity),
    inbound.MailboxFailing: (admin_mails.mail_admins, pages.show_mailbox, pages.show_activity),
    inbound.MailboxRecovered: (admin_mails.mail_admins, pages.show_mailbox, pages.show_activity),
}
