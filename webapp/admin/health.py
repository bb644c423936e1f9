"""How the desk itself is doing: what was measured goes in, words and advice come out. Pure but for the words.

`/readyz` answers 503 only when pages cannot be served: no database, or one of another release. A Redis, worker,
scheduler or upstream that is away is named there and on the health page, but must not take the web processes
out of the load balancer: without them pages still work, and whatever leaves waits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_datetime, gettext, ngettext

from webapp.sync.health import Health

OK, TROUBLE, BROKEN, OFF = "ok", "trouble", "broken", "off"
_UPSTREAM = {"ready": OK, "syncing": OK, "paused": OFF, "error": BROKEN}  # the others: in trouble

SLOW_DATABASE_S = 0.5
QUIET_SCHEDULER_S = 30  # it beats every 2 s
STUCK_DELIVERY = timedelta(minutes=15)
OLD_BACKUP = timedelta(hours=36)


@dataclass(frozen=True)
class Check:
    """One part: a stable name, its title, a state (ok trouble broken off), what is so, and what to do."""

    name: str
    title: str
    state: str
    text: str
    advice: str = ""
    essential: bool = False  # pages cannot be served without it
    lines: tuple[tuple[str, str], ...] = ()  # of what to change: whose configuration, and the lines


def ready(checks: Collection[Check]) -> bool:
    return not any(check.essential and check.state == BROKEN for check in checks)


def beside(upstream: Health, parts: Collection[Check], *, refused: bool = False) -> list[Check]:
    """What one connection depends on: the upstream itself, mail, database, queue, scheduler.

    `refused`: it rests since its token is no good, not because somebody wished it.
    """
    found = {part.name: part for part in parts}
    rest = [found.get("mail"), found.get("database"), _queue(found), found.get("scheduler")]
    return [_upstream(upstream, refused=refused), *(part for part in rest if part is not None)]


def _upstream(it: Health, *, refused: bool) -> Check:
    text = gettext("In step.") if it.kind == "ready" else it.text
    state = BROKEN if refused else _UPSTREAM.get(it.kind, TROUBLE)
    return Check("upstream", gettext("Upstream"), state, text, it.advice)


def _queue(found: Mapping[str, Check]) -> Check | None:
    """Redis holds it and workers empty it: the worse of both."""
    both = [found[name] for name in ("redis", "workers") if name in found]
    if not both:
        return None
    worse = max(both, key=lambda part: (OK, OFF, TROUBLE, BROKEN).index(part.state))
    said = both if worse.state == OK else [worse]
    text = " ".join(f"{part.title}: {part.text}" for part in said)
    return Check("queue", gettext("Queue"), worse.state, text, worse.advice)


def database(seconds: float | None) -> Check:
    """`seconds`: what a small query took; None: there was no answer."""
    title = gettext("Database")
    if seconds is None:
        return Check(
            "database", title, BROKEN, gettext("It does not answer."),
            gettext("Check that it runs and that DATABASE_URL leads to it."), essential=True,
        )  # fmt: skip
    text = gettext("Answers in %(ms)s ms.", ms=max(1, round(seconds * 1000)))
    if seconds > SLOW_DATABASE_S:
        return Check(
            "database", title, TROUBLE, text,
            gettext("That is slow. Look for a busy machine, a full disk or a long transaction."), essential=True,
        )  # fmt: skip
    return Check("database", title, OK, text, essential=True)


def migrations(found: str | None, *, wanted: str | None) -> Check:
    """The schema's revision in the database and in this release."""
    title = gettext("Schema")
    if found == wanted and wanted is not None:
        return Check(
            "migrations", title, OK, gettext("Is the one of this release."), essential=True
        )
    return Check(
        "migrations", title, BROKEN,
        gettext("Is %(found)s; this release needs %(wanted)s.", found=found or "–", wanted=wanted or "–"),
        gettext("Run: flask --app webapp db upgrade"), essential=True,
    )  # fmt: skip


def redis(seconds: float | None) -> Check:
    title = gettext("Redis")
    if seconds is None:
        return Check(
            "redis", title, BROKEN, gettext("It does not answer."),
            gettext("Live pages poll and background work is late, nothing is lost. Check that it runs and that "
                    "REDIS_URL leads to it."),
        )  # fmt: skip
    return Check(
        "redis", title, OK, gettext("Answers in %(ms)s ms.", ms=max(1, round(seconds * 1000)))
    )


def workers(queues_served: Collection[Collection[str]] | None, *, wanted: Collection[str]) -> Check:
    """For each living worker the queues it serves; None: unknown, as Redis is away."""
    title = gettext("Workers")
    if queues_served is None:
        return Check("workers", title, TROUBLE, gettext("Unknown while Redis is away."))
    start = gettext("Start one: python worker.py")
    if not queues_served:
        return Check(
            "workers",
            title,
            BROKEN,
            gettext("No worker is running: nothing is pulled and nothing is sent."),
            start,
        )
    unserved = sorted(set(wanted) - {queue for queues in queues_served for queue in queues})
    if unserved:
        return Check(
            "workers",
            title,
            TROUBLE,
            gettext("Nobody serves: %(queues)s.", queues=", ".join(unserved)),
            start,
        )
    count = len(queues_served)
    return Check(
        "workers", title, OK, ngettext("%(num)s is running.", "%(num)s are running.", count)
    )


def scheduler(silent_s: float | None, *, redis_away: bool = False) -> Check:
    """`silent_s`: seconds since its last beat; None: it has not beaten for a minute or ever."""
    title = gettext("Scheduler")
    if redis_away:
        return Check("scheduler", title, TROUBLE, gettext("Unknown while Redis is away."))
    if silent_s is None or silent_s > QUIET_SCHEDULER_S:
        return Check(
            "scheduler", title, BROKEN,
            gettext("It is not running: pulls and repeated sendings do not start by themselves."),
            gettext("Start one: python worker.py --scheduler"),
        )  # fmt: skip
    return Check("scheduler", title, OK, gettext("Last beat %(s)s s ago.", s=round(silent_s)))


def mailbox(active: bool, *, failures: int, error: str, last: datetime | None) -> Check:
    """`failures`: in a row. `last`: when it was read without one."""
    title = gettext("Mailbox")
    if not active:
        return Check("mailbox", title, OFF, gettext("No mail is fetched."))
    read = (
        gettext("Last read %(at)s.", at=format_datetime(last)) if last else gettext("Not read yet.")
    )
    if not failures:
        return Check("mailbox", title, OK, read)
    return Check(
        "mailbox", title, TROUBLE if failures < 3 else BROKEN, f"{error} {read}",
        gettext("The desk tries again by itself. Check server, user name and password under Settings → Mailbox."),
    )  # fmt: skip


def mail(configured: bool, *, waiting: int, failing: str = "") -> Check:
    """`waiting`: mails not sent yet. `failing`: what the server said last, if that was no."""
    title = gettext("Mail")
    waits = ngettext("%(num)s mail waits.", "%(num)s mails wait.", waiting) if waiting else ""
    if not configured:
        return Check(
            "mail", title, OFF, f"{gettext('No mail server is set up.')} {waits}".strip(),
            gettext("Set MAIL_SERVER (and MAIL_PORT, MAIL_USERNAME, MAIL_PASSWORD …), then start again. "
                    "Mails that wait go out then."),
        )  # fmt: skip
    if failing:
        return Check(
            "mail", title, TROUBLE, f"{failing} {waits}".strip(),
            gettext("The desk tries again by itself. The outbox shows each attempt."),
        )  # fmt: skip
    return Check("mail", title, OK, waits or gettext("All mails are sent."))


def backup(age: timedelta | None, *, configured: bool, size: int = 0, problem: str = "") -> Check:
    """`age`: of the last that was made; None: none was. `problem`: why the last try failed."""
    title = gettext("Backup")
    if not configured:
        return Check(
            "backup", title, OFF, gettext("None is made by itself."),
            gettext("Set BACKUP_FOLDER to a folder on another disk, then start again. "
                    "By hand: flask --app webapp backup FILE"),
        )  # fmt: skip
    if age is None:
        text = problem or gettext("The first one is made tonight.")
        return Check("backup", title, TROUBLE if problem else OK, text)
    hours = int(age.total_seconds() // 3600)
    last = gettext(
        "The last one is %(h)s hours old (%(mb)s MB).", h=hours, mb=max(1, size // 10**6)
    )
    if problem or age > OLD_BACKUP:
        return Check(
            "backup", title, TROUBLE, f"{last} {problem}".strip(),
            gettext("Look at the folder: is there room, and may Tulay write there? It tries again every hour."),
        )  # fmt: skip
    return Check("backup", title, OK, last)


def deliveries(oldest: timedelta | None, *, parked: int) -> Check:
    """`oldest`: how long the delivery has waited that is longest due; None: none is due."""
    title = gettext("Outbox")
    if parked:
        return Check(
            "deliveries", title, TROUBLE,
            ngettext("%(num)s delivery needs somebody.", "%(num)s deliveries need somebody.", parked),
            gettext("Open the outbox: each says why, and can be sent again or cancelled."),
        )  # fmt: skip
    if oldest is not None and oldest > STUCK_DELIVERY:
        minutes = int(oldest.total_seconds() // 60)
        return Check(
            "deliveries", title, TROUBLE, gettext("The oldest has waited for %(n)s minutes.", n=minutes),
            gettext("Its attempts in the outbox say why."),
        )  # fmt: skip
    return Check("deliveries", title, OK, gettext("Nothing is stuck."))
