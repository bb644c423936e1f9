"""Who may do what, on one screen. Routes ask for a permission, never for a role."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    TICKETS_SEE = "tickets.see"
    TICKETS_WORK = "tickets.work"  # answer, note, change status, assign, create on behalf
    VIEWS_SHARE = "views.share"  # lists of tickets for everybody, and a role's first list
    SYNC_MANAGE = "sync.manage"  # connections, runs, problems
    OUTBOX_MANAGE = "outbox.manage"
    AUDIT_SEE = "audit.see"
    DESK_MANAGE = "desk.manage"  # settings, people, health
    CLAIMS_SEE = "claims.see"
    CLAIMS_WORK = "claims.work"  # check, validate, reject, note, complain
    DUPLICATES_DECIDE = "duplicates.decide"
    PAYMENTS_MAKE = "payments.make"
    JOBS_WORK = "jobs.work"  # their own
    JOBS_PLAN = "jobs.plan"  # everybody's, and who does them
    CHAT_USE = "chat.use"
    PROGRESS_KEEP = "progress.keep"  # logs, goals, skills, portfolio of one's own


_P = Permission

ROLES: dict[str, frozenset[Permission]] = {
    "admin": frozenset(Permission),
    "agent": frozenset(
        {
            _P.TICKETS_SEE,
            _P.TICKETS_WORK,
            _P.JOBS_WORK,
            _P.JOBS_PLAN,
            _P.CLAIMS_SEE,
            _P.CLAIMS_WORK,
            _P.CHAT_USE,
            _P.PROGRESS_KEEP,
        }
    ),
    "finance": frozenset(
        {
            _P.TICKETS_SEE,
            _P.CLAIMS_SEE,
            _P.DUPLICATES_DECIDE,
            _P.PAYMENTS_MAKE,
            _P.CHAT_USE,
            _P.PROGRESS_KEEP,
        }
    ),
    "field": frozenset({_P.JOBS_WORK, _P.CHAT_USE, _P.PROGRESS_KEEP}),
    "reporter": frozenset(),
}

# Those who work here: they hear the `staff` topic.
STAFF = Permission.TICKETS_SEE


def permissions_of(role: str) -> frozenset[Permission]:
    return ROLES.get(role, frozenset())
