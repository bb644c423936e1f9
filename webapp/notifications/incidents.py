"""Which facts are an incident that admins are mailed about, and in what words. Pure: facts in, words out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from webapp.core.breaker import PAUSE_AFTER
from webapp.events.types import Actor, Fact
from webapp.inbound.events import MailboxFailing, MailboxRecovered
from webapp.outbox.events import DeliveryParked
from webapp.sync.events import (
    ConnectionFailing,
    ConnectionPaused,
    LargeImport,
    SyncRecovered,
    SyncStillFailing,
    TokenExpires,
    TokenFellBack,
)
from webapp.sync.subjects import counted

# Below two failed runs nobody was mailed, so nobody needs to hear that it is over.
TOLD_FROM = 2


@dataclass(frozen=True)
class Incident:
    """`key` tells it from every other one. `thread` keeps the mails about one connection together.
    `url` is a path of this desk; `button` says what one does there."""

    key: str
    thread: tuple[str, int]
    title: str
    text: str
    advice: str = ""
    url: str = "/connections"
    button: str = ""
    bad: bool = True


def incident_of(
    fact: Fact, *, actor: Actor, event_id: int, now: datetime, zone: ZoneInfo
) -> Incident | None:
    """None: no mail. `zone`: of the person who is told."""
    found: Incident | None = None
    match fact:
        case SyncStillFailing():
            found = _failing(fact)
        case SyncRecovered():
            found = _recovered(fact)
        case ConnectionPaused():
            found = _paused(fact, actor, event_id)
        case ConnectionFailing():
            found = _failing_long(fact, event_id)
        case LargeImport():
            found = _large(fact, f"{now.astimezone(zone):%Y-%m-%d}")
        case TokenExpires():
            found = _expires(fact, zone)
        case TokenFellBack():
            found = _fell_back(fact, event_id, zone)
        case DeliveryParked():
            found = _parked(fact)
        case MailboxFailing() | MailboxRecovered():
            found = _mailbox(fact, event_id)
    return found


def _failing(fact: SyncStillFailing) -> Incident:
    return _about(
        fact,
        f"failing:{fact.run_id}",
        title=gettext("%(name)s cannot be read", name=fact.name),
        text=gettext(
            "Two syncs in a row have failed. The last one said: %(error)s", error=fact.error
        ),
        advice=fact.advice,
        tab="/runs",
        button=gettext("See the runs"),
    )


def _recovered(fact: SyncRecovered) -> Incident | None:
    if fact.failures < TOLD_FROM:
        return None
    return _about(
        fact,
        f"recovered:{fact.run_id}",
        title=gettext("%(name)s works again", name=fact.name),
        text=ngettext(
            "After %(num)s failed sync everything up to now has been read.",
            "After %(num)s failed syncs everything up to now has been read.",
            fact.failures,
        ),
        bad=False,
    )


def _paused(fact: ConnectionPaused, actor: Actor, event_id: int) -> Incident | None:
    if actor.kind != "system" or fact.state == "degraded":
        return None  # whoever paused it knows; a degraded one goes on and is told of as failing
    advice = gettext("Resume it when the cause is mended; what waits then goes on by itself.")
    if fact.state == "auth_error":
        advice = gettext("Enter a valid token in its settings; the sync then goes on by itself.")
    return _about(
        fact,
        f"paused:{event_id}",
        title=gettext("%(name)s is paused", name=fact.name),
        text=gettext("The desk has stopped it: %(reason)s", reason=fact.reason),
        advice=advice,
        tab="/settings" if fact.state == "auth_error" else "",
    )


def _failing_long(fact: ConnectionFailing, event_id: int) -> Incident:
    limit = int(PAUSE_AFTER.total_seconds() // 3600)
    text = gettext("Nothing could be read for %(hours)s hours.", hours=fact.hours)
    if fact.way == "push":
        text = gettext("Nothing could be sent for %(hours)s hours.", hours=fact.hours)
    return _about(
        fact,
        f"long:{fact.way}:{event_id}",
        title=gettext("%(name)s has been out of reach for days", name=fact.name),
        text=text,
        advice=gettext("After %(hours)s hours the desk pauses it.", hours=limit),
    )


def _large(fact: LargeImport, day: str) -> Incident:
    return _about(
        fact,
        f"import:{day}",
        title=gettext("New from %(name)s: %(what)s", name=fact.name, what=counted(fact.kinds)),
        text=gettext("They came in one sync. If that is no surprise, nothing needs to be done."),
        advice=gettext("From how many on you are told stands in the settings of the desk."),
        tab="/runs",
        button=gettext("See the run"),
        bad=False,
    )


def _expires(fact: TokenExpires, zone: ZoneInfo) -> Incident:
    at = datetime.fromisoformat(fact.at)
    title = ngettext(
        "The token of %(name)s expires within %(num)s day",
        "The token of %(name)s expires within %(num)s days",
        fact.days,
        name=fact.name,
    )
    if fact.days == 0:
        title = gettext("The token of %(name)s has expired", name=fact.name)
    return _about(
        fact,
        f"expires:{at:%Y%m%dT%H%M}:{fact.days}",
        title=title,
        text=gettext("It says so itself: valid until %(at)s.", at=_moment(at, zone)),
        advice=gettext(
            "Ask the owner of that system for a new one and replace it; it is tested before it takes over."
        ),
        tab="/settings",
        button=gettext("Replace the token"),
    )


def _fell_back(fact: TokenFellBack, event_id: int, zone: ZoneInfo) -> Incident:
    until = datetime.fromisoformat(fact.until)
    return _about(
        fact,
        f"fell-back:{event_id}",
        title=gettext("%(name)s refuses its new token", name=fact.name),
        text=gettext(
            "The token that was replaced still works and is used until %(at)s; then it is deleted.",
            at=_moment(until, zone),
        ),
        advice=gettext("Enter a valid token before then, else the connection stops."),
        tab="/settings",
        button=gettext("Replace the token"),
    )


def _parked(fact: DeliveryParked) -> Incident:
    return Incident(
        key=f"parked:{fact.subject_id}",
        thread=("delivery", fact.subject_id),
        title=gettext("A change could not be sent"),
        text=f"{fact.summary}: {fact.reason}",
        advice=gettext(
            "Retry it, or cancel it with a reason. You get no further mail about parked deliveries there until "
            "these are settled."
        ),
        url="/outbox?state=parked",
        button=gettext("Open the outbox"),
    )


def _mailbox(fact: MailboxFailing | MailboxRecovered, event_id: int) -> Incident:
    failing = isinstance(fact, MailboxFailing)
    return Incident(
        key=f"mailbox:{event_id}",
        thread=("mailbox", fact.subject_id),
        title=gettext("The mailbox cannot be read")
        if failing
        else gettext("The mailbox works again"),
        text=gettext("It was tried several times. The last answer: %(error)s", error=fact.error)
        if isinstance(fact, MailboxFailing)
        else gettext("What waited in it has been read."),
        advice=gettext("Check server, user name and password. The desk goes on trying by itself.")
        if failing
        else "",
        url="/settings/mail-in" if failing else "/mail-in",
        button=gettext("Open the mailbox") if failing else gettext("Incoming mail"),
    )


def _about(
    fact: Any, key: str, *, title: str, text: str, tab: str = "", button: str = "", **options: Any
) -> Incident:
    return Incident(
        key=f"connection:{fact.subject_id}:{key}",
        thread=("connection", fact.subject_id),
        title=title,
        text=text,
        url=f"/connections/{fact.subject_id}{tab}",
        button=button or gettext("Open the connection"),
        **options,
    )


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def mail_values(incident: Incident, *, desk: str, name: str, base_url: str) -> Mapping[str, Any]:
    return {
        "desk": desk,
        "ref": gettext("sync"),
        "name": name,
        "title": incident.title,
        "text": incident.text,
        "advice": incident.advice,
        "button": incident.button,
        "url": base_url + incident.url,
    }
