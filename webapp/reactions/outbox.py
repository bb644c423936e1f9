"""What follows from facts of `webapp.outbox`."""

from __future__ import annotations

from webapp.events import record
from webapp.notifications import admin_mails, telling
from webapp.outbox import events as outbox
from webapp.realtime import reactions as pages

REACTIONS: record.Reactions = {
    # What people do to deliveries
    outbox.DeliveryRetried: (pages.show_activity,),
    outbox.DeliveryEdited: (pages.show_activity,),
    outbox.DeliveryCancelled: (pages.show_activity,),
    outbox.DeliveryParked: (telling.tell, admin_mails.mail_admins, pages.show_activity),
}
