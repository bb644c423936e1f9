"""What follows from facts of `webapp.targets`."""

from __future__ import annotations

from webapp.events import record
from webapp.notifications import telling
from webapp.realtime import reactions as pages
from webapp.targets import events as targets

REACTIONS: record.Reactions = {
    targets.TicketDeadlineNear: (telling.tell, pages.show_ticket, pages.show_activity),
    targets.TicketDeadlineMissed: (telling.tell, pages.show_ticket, pages.show_activity),
}
