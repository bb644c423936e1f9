"""What follows from each past fact: the whole table. A fact type that is missing here fails a test."""

from __future__ import annotations

from webapp.accounts import events as accounts
from webapp.audit import events as audit
from webapp.chat import events as chat
from webapp.claims import events as claims
from webapp.claims.actions import complaints
from webapp.events import record
from webapp.fieldwork import events as fieldwork
from webapp.fieldwork.actions import closing
from webapp.imports import events as imports
from webapp.inbound import events as inbound
from webapp.notifications import account_mails, admin_mails, followers, notices, telling
from webapp.outbox import events as outbox
from webapp.progress import actions as progress_actions
from webapp.progress import events as learning
from webapp.progress import rollups
from webapp.push import events as webpush
from webapp.push import reactions as devices
from webapp.realtime import reactions as pages
from webapp.sync import events as sync
from webapp.sync import push
from webapp.targets import actions as times
from webapp.targets import events as targets
from webapp.tickets import events as tickets
from webapp.tickets.actions import merging
from webapp.tickets.assigning import handing
from webapp.tickets.clustering import comparing
from webapp.tickets.clustering import events as clusters
from webapp.tickets.lists import events as views
from webapp.tickets.portal import events as portal

# What follows from whatever moves somebody's figures.
_SHRANK = (rollups.add_to_day_totals, pages.show_progress)
_CORRECTED = (rollups.add_to_day_totals, progress_actions.reach_milestones, pages.show_progress)
_GREW = (*_CORRECTED[:1], progress_actions.note_activity, *_CORRECTED[1:])

REACTIONS: record.Reactions = {
    # Tickets
    tickets.TicketCreated: (
        handing.hand_out,
        times.keep_times,
        notices.mail_reporter_received,
        telling.tell,
        pages.show_new_ticket,
        pages.show_activity,
    ),
    tickets.TicketStatusChanged: (
        push.queue_pushes,
        times.keep_times,
        merging.follow_status,
        complaints.tell_bulletin,
        notices.mail_reporter_status,
        followers.mail_followers_status,
        telling.tell,
        pages.show_ticket,
        pages.show_activity,
    ),
    tickets.TicketResponded: (
        times.keep_times,
        notices.mail_reporter_response,
        progress_actions.note_activity,
        telling.tell,
        pages.show_ticket,
        pages.show_activity,
    ),
    tickets.TicketNoted: (
        telling.tell,
        pages.show_ticket,
        pages.show_activity,
    ),
    tickets.TicketRouted: (telling.tell,),
    tickets.TicketWatched: (pages.show_ticket,),
    tickets.TicketMerged: (pages.show_ticket, pages.show_activity),
    tickets.TicketTookIn: (pages.show_ticket,),
    tickets.TicketRelated: (pages.show_ticket,),
    tickets.ChecklistChanged: (pages.show_ticket,),
    tickets.TicketAssigned: (telling.tell, pages.show_ticket, pages.show_activity),
    tickets.TicketWithdrawn: (pages.show_ticket, pages.show_activity),
    imports.ImportDone: (telling.tell, pages.show_activity),
    **dict.fromkeys((imports.ImportStarted, imports.ImportUndone), (pages.show_activity,)),
    tickets.TicketListExported: (pages.show_activity,),
    **dict.fromkeys(
        (views.ViewSaved, views.ViewEdited, views.ViewDeleted),
        (pages.show_activity, pages.show_views),
    ),
    tickets.TicketEdited: (
        push.queue_pushes,
        times.keep_times,
        comparing.compare_again,
        pages.show_ticket,
        pages.show_activity,
    ),
    portal.TicketFollowed: (
        followers.mail_follower_confirm,
        pages.show_ticket,
        pages.show_activity,
    ),
    # Tickets handled as one
    **dict.fromkeys(
        (
            clusters.ClusterCreated,
            clusters.ClusterEdited,
            clusters.ClusterAnswered,
            clusters.ClusterDissolved,
        ),
        (pages.show_cluster, pages.show_activity),
    ),
    clusters.SuggestionDismissed: (pages.show_ticket, pages.show_activity),
    tickets.SavedReplyChanged: (),
    tickets.AnswerHeld: (pages.show_ticket,),
    tickets.AnswerCalledBack: (pages.show_ticket, pages.show_activity),
    targets.TicketDeadlineNear: (telling.tell, pages.show_ticket, pages.show_activity),
    targets.TicketDeadlineMissed: (telling.tell, pages.show_ticket, pages.show_activity),
    # Mail that comes in
    inbound.MailReturned: (pages.show_ticket, pages.show_activity),
    inbound.InboundMailFailed: (pages.show_activity,),
    inbound.InboundMailDecided: (pages.show_activity,),
    inbound.MailStopLifted: (pages.show_activity,),
    inbound.MailboxEdited: (pages.show_mailbox, pages.show_activity),
    inbound.MailboxFailing: (admin_mails.mail_admins, pages.show_mailbox, pages.show_activity),
    inbound.MailboxRecovered: (admin_mails.mail_admins, pages.show_mailbox, pages.show_activity),
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
    # Claims and their payments
    claims.BordereauCreated: (pages.show_claim, pages.show_activity),
    claims.BordereauStatusChanged: (push.queue_pushes, pages.show_claim, pages.show_activity),
    claims.BordereauEdited: (pages.show_claim, pages.show_activity),
    claims.BulletinCreated: (pages.show_claim, pages.show_activity),
    claims.BulletinStatusChanged: (push.queue_pushes, pages.show_claim, pages.show_activity),
    claims.BulletinEdited: (pages.show_claim, pages.show_activity),
    claims.BulletinNoted: (pages.show_claim, pages.show_activity),
    claims.BulletinFileAdded: (pages.show_claim, pages.show_activity),
    claims.DuplicateFound: (pages.show_claim, pages.show_activity),
    claims.DuplicateDecided: (pages.show_claim, pages.show_activity),
    claims.PaymentStateChanged: (push.queue_pushes, pages.show_claim, pages.show_activity),
    claims.PaymentBatchMade: (pages.show_claim, pages.show_activity),
    claims.PaymentBatchMoved: (pages.show_claim, pages.show_activity),
    claims.PaymentBatchEdited: (pages.show_claim, pages.show_activity),
    claims.PaymentBatchExported: (pages.show_claim, pages.show_activity),
    claims.BankAnswerImported: (pages.show_claim, pages.show_activity),
    claims.ClientCreated: (pages.show_claim, pages.show_activity),
    claims.ClientEdited: (pages.show_claim, pages.show_activity),
    claims.ContractCreated: (pages.show_claim, pages.show_activity),
    claims.ContractEdited: (pages.show_claim, pages.show_activity),
    claims.ClaimSettingsEdited: (pages.show_activity,),
    claims.ClaimListExported: (pages.show_activity,),
    claims.ComplaintTied: (pages.show_claim, pages.show_complaint, pages.show_activity),
    claims.ComplaintMoved: (push.queue_pushes, pages.show_claim, pages.show_activity),
    # Field work
    fieldwork.JobCreated: (pages.show_job, pages.show_activity),
    fieldwork.JobEdited: (pages.show_job, pages.show_activity),
    fieldwork.JobMoved: (closing.resolve_ticket, pages.show_job, pages.show_activity),
    fieldwork.JobAssigned: (telling.tell, pages.show_job, pages.show_activity),
    fieldwork.JobNoted: (pages.show_job, pages.show_activity),
    fieldwork.JobProved: (pages.show_job, pages.show_activity),
    fieldwork.JobItemChanged: (pages.show_job,),
    fieldwork.JobPartChanged: (pages.show_job,),
    fieldwork.JobDeleted: (pages.show_job, pages.show_activity),
    fieldwork.DayOrdered: (pages.show_employees,),
    fieldwork.EmployeeCreated: (pages.show_employees, pages.show_activity),
    fieldwork.EmployeeEdited: (pages.show_employees, pages.show_activity),
    fieldwork.EmployeeRemoved: (pages.show_employees, pages.show_activity),
    fieldwork.RecurringJobChanged: (pages.show_employees, pages.show_activity),
    # What people do to deliveries
    outbox.DeliveryRetried: (pages.show_activity,),
    outbox.DeliveryEdited: (pages.show_activity,),
    outbox.DeliveryCancelled: (pages.show_activity,),
    outbox.DeliveryParked: (telling.tell, admin_mails.mail_admins, pages.show_activity),
    # Chat
    **dict.fromkeys(chat.ONLY_SHOWN, (pages.show_chat,)),
    chat.MessageSent: (telling.tell, pages.show_chat),
    # People's progress
    learning.LearningLogged: _GREW,
    learning.LogCorrected: _CORRECTED,
    learning.LogRemoved: _SHRANK,
    learning.GoalChanged: (pages.show_progress,),
    learning.GoalCompleted: (*_GREW, telling.tell),
    learning.GoalReopened: _SHRANK,
    learning.SkillAdded: _GREW,
    learning.SkillEdited: (pages.show_progress,),
    learning.SkillRemoved: _SHRANK,
    learning.PortfolioUpdated: _GREW,
    learning.PortfolioRemoved: _SHRANK,
    learning.DayMarked: _CORRECTED,
    learning.ProgressCorrected: _CORRECTED,
    learning.MilestoneReached: (
        progress_actions.note_activity,
        telling.tell,
        pages.show_progress,
    ),
    learning.LeaderboardChosen: (),
    learning.ProgressRulesEdited: (pages.show_activity,),
    # People and the desk
    accounts.UserCreated: (account_mails.mail_account_created, pages.show_activity),
    accounts.UserEdited: (telling.tell, pages.end_changed_sessions, devices.forget_devices),
    accounts.UserSignedIn: (
        devices.forget_others,
        progress_actions.note_activity,
        pages.show_own_activity,
    ),
    accounts.UserSignedOut: (pages.end_sessions, devices.forget_devices),
    accounts.DeviceEnded: (pages.end_sessions, devices.forget_devices),
    accounts.RefreshTokenReused: (
        telling.tell,
        account_mails.mail_token_reused,
        pages.end_sessions,
    ),
    webpush.PushDeviceAdded: (),
    webpush.PushDeviceRemoved: (),
    accounts.ApiTokenMade: (),
    accounts.ApiTokenRevoked: (pages.end_sessions,),
    accounts.SecondFactorSet: (),
    accounts.SecondFactorRemoved: (),
    accounts.RecoveryCodesMade: (),
    accounts.RecoveryCodeUsed: (account_mails.mail_recovery_code_used,),
    accounts.InvitationSent: (pages.show_activity,),
    accounts.InvitationWithdrawn: (pages.show_activity,),
    accounts.UserJoined: (pages.show_activity,),
    accounts.PasswordResetAsked: (),
    accounts.SignInSlowed: (pages.show_activity,),
    accounts.DeskEdited: (pages.show_activity,),
    audit.AuditExported: (),
}
