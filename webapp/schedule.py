"""The periodic tasks. The scheduler re-asserts them before each poll; what is due stands in SQL."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Periodic:
    """`task` (a dotted path) runs every `every_s` seconds on queue `default`."""

    name: str
    task: str
    every_s: int


PERIODIC = (
    Periodic("tick", "webapp.schedule.tick", 10),
    Periodic("care", "webapp.sync.tasks.care", 60),
    Periodic("deadlines", "webapp.targets.tasks.watch", 60),
    Periodic("reports", "webapp.targets.tasks.send_reports", 300),
    Periodic("reconcile", "webapp.sync.reconcile.tasks.begin_due", 600),
    Periodic("standings", "webapp.progress.tasks.reckon", 600),
    Periodic("prune", "webapp.schedule.prune", 86_400),
    Periodic("measure", "webapp.schedule.measure", 3600),
    Periodic("backup", "webapp.backup.tasks.begin_due", 600),
    Periodic("roundtrip", "webapp.realtime.roundtrip.watch", 600),
    Periodic("jobs", "webapp.fieldwork.tasks.make_due_jobs", 600),
    Periodic("digests", "webapp.notifications.tasks.send_digests", 120),
)


def prune() -> dict[str, int]:
    """Let go of what is kept for a while only. How many of each."""
    from webapp.accounts import tasks as accounts
    from webapp.core import once
    from webapp.imports import tasks as imports
    from webapp.inbound import tasks as inbound
    from webapp.notifications import tasks as notifications
    from webapp.outbox import pruning as attempts
    from webapp.sync.actions import pruning
    from webapp.tickets import tasks as tickets
    from webapp.tickets.portal import tasks as portal

    return {
        **pruning.prune(),
        "attempts": attempts.prune(),
        "receipts": once.forget_receipts(),
        **tickets.prune(),
        **portal.prune(),
        **imports.prune(),
        **inbound.prune(),
        **accounts.prune(),
        **notifications.prune(),
    }


def tick() -> None:
    """Find in SQL what is due and nudge the workers. Running twice at once is harmless."""
    from webapp.bulk import tasks as bulk_tasks
    from webapp.imports import tasks as import_tasks
    from webapp.inbound import tasks as inbound_tasks
    from webapp.notifications import tasks as notification_tasks
    from webapp.outbox import tasks as outbox_tasks
    from webapp.realtime import live
    from webapp.sync import tasks as sync_tasks
    from webapp.sync.reconcile import tasks as reconcile_tasks
    from webapp.tickets import tasks as ticket_tasks
    from webapp.tickets.clustering import tasks as clustering_tasks

    sync_tasks.tick()
    reconcile_tasks.tick()
    bulk_tasks.tick()
    ticket_tasks.tick()
    clustering_tasks.tick()
    import_tasks.tick()
    inbound_tasks.tick()
    notification_tasks.tick()
    outbox_tasks.tick_due()
    live.settle()


def measure() -> None:
    """Let the database count what it holds, so that it finds by the right indexes. PostgreSQL does so by itself."""
    from webapp.core import db

    with db.transaction() as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "PRAGMA analysis_limit=1000"
            )  # rows of an index that it looks at
            connection.exec_driver_sql("ANALYZE")
