"""The service requests of the demo Open311 city: inventing, listing, changing. Knows no HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from webapp.demo import city, clock, photos
from webapp.demo.clock import Clock, utc_now
from webapp.demo.shelf import Record, Shelf

OPEN, CLOSED = "open", "closed"
FIRST_NUMBER = 20_301
DEFAULT_DAYS = 90  # what GeoReport v2 answers without dates
CITY_ZONE_HOURS = 8


def millis(when: datetime) -> int:
    """Milliseconds since 1970, whole seconds as GeoReport servers keep them."""
    return int(when.timestamp()) * 1000


@dataclass(frozen=True)
class Wanted:
    """One list query; ranges are (from, to) in milliseconds, inclusive."""

    created: tuple[int, int] | None = None
    updated: tuple[int, int] | None = None
    ids: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    limit: int = 50
    offset: int = 0


class Requests:
    """Service requests on a shelf; the same seed invents the same city."""

    def __init__(self, shelf: Shelf, *, seed: int = 2, clock: Clock = utc_now) -> None:
        self.shelf = shelf
        self.clock = clock
        self.rng = Random(seed + shelf.count())

    def fill(self, count: int, *, days: int = 60) -> None:
        """Adds `count` requests of the last `days`, the older ones mostly closed."""
        start = self.clock() - timedelta(days=days)
        moments = sorted(self.rng.random() for _ in range(count))
        with self.shelf.writing():
            seq = self.shelf.next_seq(FIRST_NUMBER)
            for offset, moment in enumerate(moments):
                record = self._put_new(seq + offset, start + timedelta(days=days * moment), {})
                if self.rng.random() < 0.9 - moment:
                    worked = timedelta(hours=self.rng.uniform(3, 90))
                    fields = {"status": CLOSED, "status_notes": city.note(self.rng)}
                    self._put_changed(
                        record, fields, min(record.created + millis_of(worked), self._now())
                    )

    def add(self, **fields: Any) -> dict[str, Any]:
        """Adds one request made now; `fields` replace what was invented."""
        with self.shelf.writing():
            seq = self.shelf.next_seq(FIRST_NUMBER)
            return _seen(self._put_new(seq, self.clock(), fields))

    def edit(self, request_id: str, **fields: Any) -> dict[str, Any]:
        """Changes fields of a request. Raises KeyError."""
        with self.shelf.writing():
            record = self.shelf.get(request_id)
            if record is None:
                raise KeyError(request_id)
            if all(record.body.get(name) == value for name, value in fields.items()):
                return _seen(record)
            return _seen(self._put_changed(record, fields, max(self._now(), record.updated)))

    def get(self, request_id: str) -> dict[str, Any] | None:
        """One request, or None."""
        record = self.shelf.get(request_id)
        return _seen(record) if record else None

    def listed(self, wanted: Wanted) -> list[dict[str, Any]]:
        """Requests, newest first."""
        limits = (wanted.created, wanted.updated, wanted.ids)
        created = wanted.created if any(limits) else (self._default_start(), 2**62)
        records = self.shelf.by_creation(
            created=None if wanted.ids else created,
            updated=None if wanted.ids else wanted.updated,
            ids=wanted.ids,
            statuses=() if wanted.ids else wanted.statuses,
            categories=() if wanted.ids else wanted.services,
            limit=wanted.limit,
            offset=wanted.offset,
        )
        return [_seen(record) for record in records]

    def change_something(self) -> dict[str, Any] | None:
        """The office closes, notes or re-opens one; None where there is none."""
        recent = self.shelf.by_creation(limit=200)
        if not recent:
            return None
        record = self.rng.choice(recent)
        if record.status == CLOSED:
            return self.edit(
                record.id, status=OPEN, status_notes="Re-opened after a second report."
            )
        status = CLOSED if self.rng.random() < 0.6 else OPEN
        return self.edit(record.id, status=status, status_notes=city.note(self.rng))

    def _default_start(self) -> int:
        return millis(self.clock() - timedelta(days=DEFAULT_DAYS))

    def _put_new(self, seq: int, created: datetime, fields: dict[str, Any]) -> Record:
        story = city.invent(self.rng)
        body = {
            "status": OPEN,
            "status_notes": None,
            "service_name": story.category,
            "service_code": story.code,
            "description": story.text,
            "agency_responsible": "City Engineer's Office",
            "address": story.place,
            "zipcode": "4400",
            "lat": story.lat,
            "long": story.lng,
            "media": photos.names(story.code, self.rng, min(story.photos, 1)),
            **{name: value for name, value in fields.items() if name not in {"id", "created"}},
        }
        stamp = millis(fields.get("created") or created)
        record = Record(
            str(fields.get("id") or f"{seq}"),
            seq,
            stamp,
            stamp,
            body["status"],
            body["service_code"],
            body,
        )
        self.shelf.put(record)
        return record

    def _put_changed(self, record: Record, fields: dict[str, Any], updated: int) -> Record:
        body = {**record.body, **fields}
        changed = replace(
            record,
            updated=updated,
            status=body["status"],
            category=body["service_code"],
            body=body,
        )
        self.shelf.put(changed)
        return changed

    def _now(self) -> int:
        return millis(self.clock())


def services() -> Iterable[dict[str, Any]]:
    """The service list of GeoReport v2."""
    for name, code in city.categories().items():
        refined = city.phrases()["categories"][name]["refined"]
        yield {
            "service_code": code,
            "service_name": name,
            "description": ", ".join(refined),
            "metadata": False,
            "type": "realtime",
            "keywords": ",".join(refined).lower(),
            "group": "City services",
        }


def millis_of(span: timedelta) -> int:
    """A span in milliseconds, whole seconds."""
    return int(span.total_seconds()) * 1000


def iso(stamp: int) -> str:
    """A W3C time with the city's offset, +08:00."""
    return clock.iso(stamp, hours=CITY_ZONE_HOURS, timespec="seconds")


def _seen(record: Record) -> dict[str, Any]:
    body = dict(record.body)
    media = body.pop("media", [])
    return {
        "service_request_id": record.id,
        **body,
        "requested_datetime": iso(record.created),
        "updated_datetime": iso(record.updated),
        "expected_datetime": None,
        "media_url": media[0] if media else None,
    }
