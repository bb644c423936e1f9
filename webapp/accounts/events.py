"""What can have happened to an account or to the desk's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class UserFact(Fact):
    subject_kind: ClassVar[str] = "user"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class UserCreated(UserFact):
    type: ClassVar[str] = "user.created"
    role: str


@dataclass(frozen=True, kw_only=True)
class UserEdited(UserFact):
    """`changes`: field → [old, new]; a password appears as a word only. `browser`: where they did it
    themselves, and stay signed in."""

    type: ClassVar[str] = "user.edited"
    changes: dict[str, list[str]]
    browser: str = ""


@dataclass(frozen=True, kw_only=True)
class UserSignedIn(UserFact):
    type: ClassVar[str] = "user.signed_in"
    browser: str = ""


@dataclass(frozen=True, kw_only=True)
class UserSignedOut(UserFact):
    """`everywhere`: all of the person's sessions ended."""

    type: ClassVar[str] = "user.signed_out"
    everywhere: bool
    browser: str = ""  # which one's session, as identity.browser_name calls it


@dataclass(frozen=True, kw_only=True)
class DeviceEnded(UserFact):
    """One device was signed out from another. `device`: what it is called."""

    type: ClassVar[str] = "user.device_ended"
    device: str
    browser: str


@dataclass(frozen=True, kw_only=True)
class RefreshTokenReused(UserFact):
    """A refresh token came twice, so that somebody else may have it: its device was signed out."""

    type: ClassVar[str] = "user.refresh_token_reused"
    device: str


@dataclass(frozen=True, kw_only=True)
class ApiTokenMade(UserFact):
    """`scopes`: with spaces between."""

    type: ClassVar[str] = "user.token_made"
    name: str
    last4: str
    scopes: str


@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(UserFact):
    type: ClassVar[str] = "user.token_revoked"
    name: str
    last4: str


@dataclass(frozen=True, kw_only=True)
class SecondFactorSet(UserFact):
    type: ClassVar[str] = "user.second_factor_set"


@dataclass(frozen=True, kw_only=True)
class SecondFactorRemoved(UserFact):
    type: ClassVar[str] = "user.second_factor_removed"


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(UserFact):
    type: ClassVar[str] = "user.recovery_codes_made"


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(UserFact):
    """`left`: how many are good still."""

    type: ClassVar[str] = "user.recovery_code_used"
    left: int


@dataclass(frozen=True, kw_only=True)
class InvitationSent(UserFact):
    """The subject is who invited."""

    type: ClassVar[str] = "user.invitation_sent"
    email: str
    role: str


@dataclass(frozen=True, kw_only=True)
class InvitationWithdrawn(UserFact):
    """The subject is who withdrew it."""

    type: ClassVar[str] = "user.invitation_withdrawn"
    email: str


@dataclass(frozen=True, kw_only=True)
class UserJoined(UserFact):
    """`way`: invite or signup."""

    type: ClassVar[str] = "user.joined"
    way: str


@dataclass(frozen=True, kw_only=True)
class PasswordResetAsked(UserFact):
    type: ClassVar[str] = "user.password_reset_asked"


@dataclass(frozen=True, kw_only=True)
class SignInSlowed(UserFact):
    type: ClassVar[str] = "user.sign_in_slowed"
    seconds: int


@dataclass(frozen=True, kw_only=True)
class DeskEdited(Fact):
    type: ClassVar[str] = "desk.edited"
    subject_kind: ClassVar[str] = "desk"
    internal: ClassVar[bool] = True
    changes: dict[str, list[str]]
