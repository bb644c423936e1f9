"""The reports of the demo MyNaga: inventing, listing, changing them. Knows no HTTP."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from webapp.demo import city, clock, photos
from webapp.demo.clock import Clock, millis, utc_now
from webapp.demo.shelf import Record, Shelf

STATUSES = (
    "Submitted",
    "Acknowledged",
    "In Progress",
    "For Rerouting",
    "Resolved",
    "Closed",
    "Rejected",
)
# The vendor adds one without telling anybody; the desk must not guess what it means.
UNANNOUNCED = "Under Review"
NEXT = {
    "Submitted": ("Acknowledged", "Acknowledged", "In Progress", "Rejected", UNANNOUNCED),
    "Acknowledged": ("In Progress", "In Progress", "For Rerouting", "Resolved"),
    "In Progress": ("Resolved", "Resolved", "For Rerouting"),
    "For Rerouting": ("Acknowledged", "In Progress"),
    "Resolved": ("Closed", "Closed", "In Progress"),
    UNANNOUNCED: ("Acknowledged", "Rejected"),
}
FIRST_NUMBER = 4101
CITY_ZONE_HOURS = 8
FIELDS = {"status", "category", "refinedCategory", "location", "coordinates", "barangay"}
FIELDS |= {"description", "attachments", "reporterName", "reporterPhone", "url", "deleted"}


class Stale(Exception):
    """The caller has seen an older version than the one that stands."""


class Reports:
    """Reports on a shelf. `clock` gives aware times; the same seed invents the same city."""

    def __init__(self, shelf: Shelf, *, seed: int = 1, clock: Clock = utc_now) -> None:
        self.shelf = shelf
        self.clock = clock
        self.rng = Random(seed + shelf.count())

    def fill(self, count: int, *, days: int = 30) -> None:
        """Adds `count` reports of the last `days`, some of them already worked on."""
        start = self.clock() - timedelta(days=days)
        moments = sorted(self.rng.random() for _ in range(count))
        with self.shelf.writing():
            seq = self.shelf.next_seq(FIRST_NUMBER)
            for offset, moment in enumerate(moments):
                self._fill_one(seq + offset, start + timedelta(days=days * moment))
            self._bulk_edit()

    def add(self, **fields: Any) -> dict[str, Any]:
        """Adds one report made now; `fields` (and `id`) replace what was invented."""
        with self.shelf.writing():
            seq = self.shelf.next_seq(FIRST_NUMBER)
            return _seen(self._put_new(seq, self.clock(), fields))

    def edit(self, report_id: str, **fields: Any) -> dict[str, Any]:
        """Changes fields as the upstream's own people do. Raises KeyError."""
        return _seen(self._change(report_id, fields, unless_newer_than=None))

    def change(
        self, report_id: str, fields: dict[str, Any], *, seen_version: int | None
    ) -> dict[str, Any]:
        """Changes fields for a caller. Raises KeyError, Stale where `seen_version` is older."""
        return _seen(self._change(report_id, fields, unless_newer_than=seen_version))

    def withdraw(self, report_id: str) -> dict[str, Any]:
        """The reporter takes it back: it stays listed, marked deleted."""
        return self.edit(report_id, deleted=True)

    def get(self, report_id: str) -> dict[str, Any] | None:
        """One report as the contract shows it, or None."""
        record = self.shelf.get(report_id)
        return _seen(record) if record else None

    def page(
        self, *, since: int | None, after: tuple[int, str] | None, limit: int
    ) -> list[tuple[tuple[int, str], dict[str, Any]]]:
        """Reports by (updatedAt, id), each with that position."""
        rows = self.shelf.by_update(since=since, after=after, limit=limit)
        return [((row.updated, row.id), _seen(row)) for row in rows]

    def change_something(self) -> dict[str, Any] | None:
        """Moves one report on, as the office or its reporter would; None where there is none."""
        open_ones = self.shelf.by_creation(statuses=NEXT, limit=200)
        if not open_ones:
            return None
        record = self.rng.choice(open_ones)
        if self.rng.random() < 0.04:
            return self.withdraw(record.id)
        if self.rng.random() < 0.15:
            return self.edit(record.id, refinedCategory=self._refined(record.category))
        return self.edit(record.id, status=self.rng.choice(NEXT[record.status]))

    def _fill_one(self, seq: int, created: datetime) -> None:
        record = self._put_new(seq, created, {})
        for _ in range(self.rng.choice([0, 0, 1, 1, 2, 3])):
            if record.status not in NEXT:
                break
            worked = timedelta(hours=self.rng.expovariate(1 / 20))
            updated = min(record.updated + round(worked.total_seconds() * 1000), self._now())
            status = self.rng.choice([s for s in NEXT[record.status] if s != UNANNOUNCED])
            record = self._put_changed(record, {"status": status}, updated)

    def _bulk_edit(self) -> None:
        """The office closes a stack in one go: several reports share one updatedAt."""
        resolved = self.shelf.by_creation(statuses=["Resolved"], limit=12)
        stamp = millis(self.clock() - timedelta(hours=5)) // 1000 * 1000
        for record in resolved:
            self._put_changed(record, {"status": "Closed"}, max(stamp, record.created))

    def _put_new(self, seq: int, created: datetime, fields: dict[str, Any]) -> Record:
        story = city.invent(self.rng)
        local = created + timedelta(hours=CITY_ZONE_HOURS)
        record_id = str(fields.get("id") or f"NAGA-{local.year}-{seq:06d}")
        body = {
            "category": story.category,
            "refinedCategory": None,
            "location": story.place,
            "coordinates": {"lat": story.lat, "lng": story.lng},
            "barangay": story.barangay,
            "description": story.text,
            "attachments": photos.names(story.code, self.rng, story.photos),
            "reporterName": story.name,
            "reporterPhone": story.phone,
            "url": f"/reports/{record_id}",
            "status": "Submitted",
            "deleted": False,
            "version": 1,
            **{name: value for name, value in fields.items() if name in FIELDS},
        }
        stamp = millis(fields.get("created") or created)
        updated = millis(fields["updated"]) if "updated" in fields else stamp
        record = Record(record_id, seq, stamp, updated, body["status"], body["category"], body)
        self.shelf.put(record)
        return record

    def _change(
        self, report_id: str, fields: dict[str, Any], *, unless_newer_than: int | None
    ) -> Record:
        with self.shelf.writing():
            record = self.shelf.get(report_id)
            if record is None:
                raise KeyError(report_id)
            if unless_newer_than is not None and unless_newer_than < record.body["version"]:
                raise Stale(report_id)
            if all(record.body.get(name) == value for name, value in fields.items()):
                return record
            return self._put_changed(record, fields, max(self._now(), record.updated))

    def _put_changed(self, record: Record, fields: dict[str, Any], updated: int) -> Record:
        body = {**record.body, **fields, "version": record.body["version"] + 1}
        changed = replace(
            record,
            updated=updated,
            status=body["status"],
            category=body["category"],
            body=body,
        )
        self.shelf.put(changed)
        return changed

    def _refined(self, category: str) -> str:
        entry = city.phrases()["categories"].get(category)
        return self.rng.choice(entry["refined"]) if entry else category

    def _now(self) -> int:
        return millis(self.clock())


def _seen(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "version": record.body["version"],
        "createdAt": iso(record.created),
        "updatedAt": iso(record.updated),
        **{name: value for name, value in record.body.items() if name != "version"},
    }


def iso(stamp: int) -> str:
    """An ISO time with the city's offset, +08:00."""
    return clock.iso(stamp, hours=CITY_ZONE_HOURS)
