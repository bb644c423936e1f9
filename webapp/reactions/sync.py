"""What follows from facts of `webapp.sync`."""

from __future__ import annotations

from webapp.events import record
from webapp.notifications import admin_mails, telling
from webapp.realtime import reactions as pages
from webapp.sync import events as sync

REACTIONS: record.Reactions = {
    # Both sides of a record
    sync.RecordPushed: (pages.show_record, pages.show_activity),
    sync.PushRequested: (pages.show_record, pages.show_activity),
    sync.PushParked: (pages.show_record, pages.show_activity),
    sync.UpstreamStateChanged: (pages.show_record, pages.show_activity),
    # Connections
    sync.ConnectionCreated: (pages.show_connection, pages.show_activity),
    sync.ConnectionEdited: (pages.show_connection, pages.show_activity),
    sync.MappingSaved: (pages.show_connection, pages.show_activity),
    sync.MappingApplied: (pages.show_connection, pages.show_activity),
    sync.DryRunDone: (pages.show_connection, pages.show_activity),
    sync.ConnectionPaused: (
        admin_mails.mail_admins,
        pages.show_connection,
        pages.show_activity,
    ),
    sync.ConnectionResumed: (pages.show_connection, pages.show_activity),
    sync.SyncRequested: (pages.show_connection,),
    sync.SyncFailed: (telling.tell, pages.show_connection, pages.show_activity),
    sync.SyncStillFailing: (admin_mails.mail_admins, pages.show_activity),
    sync.SyncRecovered: (
        telling.tell,
        admin_mails.mail_admins,
        pages.show_connection,
        pages.show_activity,
    ),
    sync.ConnectionFailing: (
        admin_mails.mail_admins,
        pages.show_connection,
        pages.show_activity,
    ),
    sync.LargeImport: (admin_mails.mail_admins, pages.show_activity),
    sync.TokenExpires: (admin_mails.mail_admins, pages.show_connection, pages.show_activity),
    sync.TokenFellBack: (admin_mails.mail_admins, pages.show_connection, pages.show_activity),
    sync.ConnectionTested: (),
    sync.TokenForgotten: (pages.show_connection, pages.show_activity),
    sync.QuarantineRetried: (pages.show_connection, pages.show_activity),
    sync.QuarantineIgnored: (pages.show_connection, pages.show_activity),
    sync.ValueMapped: (pages.show_connection, pages.show_activity),
    sync.RereadRequested: (pages.show_connection, pages.show_activity),
    sync.ReconcileStarted: (pages.show_connection, pages.show_activity),
    sync.ReconcileStopped: (pages.show_connection, pages.show_activity),
    sync.Reconciled: (pages.show_connection, pages.show_activity),
    sync.RecordRepaired: (pages.show_connection, pages.show_activity),
    sync.FieldDecided: (pages.show_record, pages.show_activity),
    sync.UpstreamAskedAgain: (pages.show_record, pages.show_activity),
    sync.RecordUnlinked: (pages.show_record, pages.show_activity),
}
