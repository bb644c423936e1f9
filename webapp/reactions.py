"""What follows from each past fact: the whole table. A fact type that is missing here stops the start."""

from __future__ import annotations

from webapp.accounts import events as accounts
from webapp.audit import events as audit
from webapp.events import record
from webapp.outbox import events as outbox
from webapp.sync import events as sync
from webapp.tickets import events as tickets

REACTIONS: record.Reactions = {
    accounts.UserCreated: (),
    accounts.UserEdited: (),
    accounts.UserSignedIn: (),
    accounts.UserSignedOut: (),
    accounts.SignInSlowed: (),
    accounts.DeskEdited: (),
    tickets.TicketCreated: (),
    tickets.TicketStatusChanged: (),
    tickets.TicketResponded: (),
    tickets.TicketNoted: (),
    tickets.TicketAssigned: (),
    tickets.TicketEdited: (),
    sync.ConnectionCreated: (),
    sync.ConnectionEdited: (),
    sync.ConnectionPaused: (),
    sync.ConnectionResumed: (),
    sync.SyncRequested: (),
    sync.SyncFailed: (),
    sync.SyncRecovered: (),
    sync.ValueMapped: (),
    sync.StatusPushed: (),
    sync.StatusPushParked: (),
    sync.UpstreamStateChanged: (),
    outbox.DeliveryRetried: (),
    outbox.DeliveryCancelled: (),
    outbox.DeliveryParked: (),
    audit.AuditExported: (),
}


def install() -> None:
    record.install(REACTIONS)
