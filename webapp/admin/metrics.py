"""Figures for Prometheus, read from SQL at each scrape: every process gives the same answer, none keeps counts.

Bounded: each query counts over an index or a small table, and labels are states and numbers, never texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from webapp.admin import health, probes, queries
from webapp.core import clock, db
from webapp.outbox import queries as deliveries
from webapp.sync.models import Connection
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES, UNFINISHED


def exposition() -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Desk())
    return generate_latest(registry)


class _Desk(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        checks = probes.own_parts()
        yield from _parts(checks)
        if not health.ready(checks):
            return  # nothing else can be counted
        yield _tickets()
        yield from _outbox()
        yield from _connections()


def _parts(checks: list[health.Check]) -> Iterator[GaugeMetricFamily]:
    up = GaugeMetricFamily(
        "tulay_part_ok", "1: the part of the desk works; 0: see /health", labels=["part"]
    )
    for check in checks:
        up.add_metric([check.name], 1 if check.state in (health.OK, health.OFF) else 0)
    yield up
    workers = GaugeMetricFamily("tulay_workers", "Workers with a fresh heartbeat")
    workers.add_metric([], len(probes.queues_served()))
    yield workers


def _tickets() -> GaugeMetricFamily:
    """Unfinished ones only: finished ones may be millions, and counting them would be a scan."""
    family = GaugeMetricFamily("tulay_tickets", "Unfinished tickets by status", labels=["status"])
    rows = db.session().execute(
        select(Ticket.status, func.count())
        .where(Ticket.status.in_(UNFINISHED))
        .group_by(Ticket.status)
    )
    counted = {row[0]: row[1] for row in rows}
    for status in STATUSES:
        if status in UNFINISHED:
            family.add_metric([status], counted.get(status, 0))
    return family


def _outbox() -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily(
        "tulay_deliveries",
        f"Deliveries by state, counted to {deliveries.COUNT_LIMIT}",
        labels=["state"],
    )
    for state, count in deliveries.counts().items():
        family.add_metric([state], count)
    yield family
    oldest = queries.oldest_due()
    age = GaugeMetricFamily(
        "tulay_oldest_delivery_seconds", "Age of the oldest delivery on its way"
    )
    age.add_metric([], oldest.total_seconds() if oldest else 0)
    yield age


def _connections() -> Iterable[GaugeMetricFamily]:
    now = clock.now()
    active = GaugeMetricFamily(
        "tulay_connection_active", "1: the connection syncs", labels=["connection"]
    )
    failures = GaugeMetricFamily(
        "tulay_connection_failures", "Failed runs in a row", labels=["connection"]
    )
    since = GaugeMetricFamily(
        "tulay_connection_seconds_since_success", "Since the last good run", labels=["connection"]
    )
    for row in db.session().scalars(select(Connection).order_by(Connection.id)):
        label = [str(row.id)]
        active.add_metric(label, 1 if row.state == "active" else 0)
        failures.add_metric(label, row.failures)
        if row.last_success_at:
            since.add_metric(label, (now - row.last_success_at).total_seconds())
    return active, failures, since
