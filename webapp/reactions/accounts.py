"""What follows from facts of `webapp.accounts`."""

from __future__ import annotations

from webapp.accounts import events as accounts
from webapp.events import record
from webapp.notifications import account_mails, telling
from webapp.progress import actions as progress_actions
from webapp.push import reactions as devices
from webapp.realtime import reactions as pages

REACTIONS: record.Reactions = {
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
}
