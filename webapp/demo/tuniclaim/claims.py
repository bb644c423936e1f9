"""The bordereaux of the demo TUNICLAIM and their bulletins: listing and changing. Knows no HTTP."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from webapp.demo.clock import Clock, iso, millis, utc_now
from webapp.demo.shelf import Record, Shelf
from webapp.demo.tuniclaim.drawer import Bulletin, Drawer
from webapp.demo.tuniclaim.exact import as_number, dinars
from webapp.demo.tuniclaim.invention import clients, invent

FIRST_BORDEREAU = 100_181
FIRST_BULLETIN = 404_501
ZONE_HOURS = 1
FIELDS = {"reference", "client", "contract", "receivedOn", "status", "bulletinCount", "total"}
NUMBERS_EVERY = 5  # so many bordereaux carry their total as a JSON number


class Claims:
    """Bordereaux on a shelf, their bulletins in a drawer; the same seed invents the same claims."""

    def __init__(self, shelf: Shelf, *, seed: int = 3, clock: Clock = utc_now) -> None:
        self.shelf = shelf
        self.drawer = Drawer(shelf)
        self.clock = clock
        self.rng = Random(seed + shelf.count())
        if not self.drawer.clients():
            for client in clients(clock().date()):
                self.drawer.put_client(client)

    def add(self, *, bulletins: int | None = None, **fields: Any) -> dict[str, Any]:
        """Adds a bordereau received now; `fields` (also `id`, `created`) replace what was invented."""
        with self.shelf.writing():
            created = fields.pop("created", None) or self.clock()
            count = 2 + int(self.rng.random() * 4) if bulletins is None else bulletins
            record = self.put_new(created, fields)
            self.drawer.put(record.id, self.invented(count, record, record.updated))
            return self._seen(self.touch(record, record.updated, recount=True, **_sums(fields)))

    def add_bulletin(self, bordereau_id: str | int, **fields: Any) -> Bulletin:
        """Adds a bulletin to a bordereau. Raises KeyError."""
        with self.shelf.writing():
            record = self._record(bordereau_id)
            stamp = self._stamp(record)
            bulletin = {**self.invented(1, record, stamp)[0], **fields}
            self.drawer.put(record.id, [bulletin])
            self.touch(record, stamp, recount=True)
            return bulletin

    def edit(self, bordereau_id: str | int, **fields: Any) -> dict[str, Any]:
        """Changes a bordereau's own fields, as the upstream's own people do. Raises KeyError."""
        with self.shelf.writing():
            record = self._record(bordereau_id)
            if all(record.body.get(name) == value for name, value in fields.items()):
                return self._seen(record)
            return self._seen(self.touch(record, self._stamp(record), **fields))

    def edit_bulletin(self, bulletin_id: int, **fields: Any) -> Bulletin:
        """Changes fields of a bulletin; its bordereau changes with it. Raises KeyError."""
        with self.shelf.writing():
            found = self.drawer.get(bulletin_id)
            if found is None:
                raise KeyError(bulletin_id)
            record = self._record(found[0])
            if all(found[1].get(name) == value for name, value in fields.items()):
                return found[1]
            recount = "total" in fields
            (changed,) = self.change(record, [{**found[1], **fields}], recount=recount)
            return changed

    def edit_client(self, client_id: int, **fields: Any) -> None:
        """Changes a client (`contracts` too): all its bordereaux carry one new time of update."""
        with self.shelf.writing():
            client = self.drawer.clients()[client_id]
            self.drawer.put_client({**client, **fields})
            for record in self.shelf.by_creation(categories=[str(client_id)], limit=10_000):
                self.touch(record, self._stamp(record))

    def get(self, bordereau_id: str | int) -> dict[str, Any] | None:
        """One bordereau as the contract shows it, or None."""
        record = self.shelf.get(str(bordereau_id))
        return self._seen(record) if record else None

    def find(self, word: str) -> dict[str, Any] | None:
        """A bordereau by its id or its reference, or None."""
        query = "SELECT id FROM record WHERE json_extract(body, '$.reference') = ?"
        rows = self.shelf.run(query, (word,))
        return self.get(rows[0][0] if rows else word)

    def bulletin(self, bulletin_id: int) -> Bulletin:
        """One bulletin as the contract shows it. Raises KeyError."""
        found = self.drawer.get(bulletin_id)
        if found is None:
            raise KeyError(bulletin_id)
        return found[1]

    def page(self, *, since: int | None, number: int, size: int) -> list[dict[str, Any]]:
        """A page of bordereaux by (updatedAt, id), the first being number 0."""
        known = self.drawer.clients()
        rows = self.shelf.by_update(since=since, limit=size, offset=number * size)
        return [self._seen(row, known) for row in rows]

    def newest(self, limit: int) -> list[dict[str, Any]]:
        """Bordereaux, the last received first."""
        known = self.drawer.clients()
        return [self._seen(row, known) for row in self.shelf.by_creation(limit=limit)]

    def put_new(self, created: datetime, fields: dict[str, Any]) -> Record:
        """Puts a bordereau without bulletins on the shelf. Inside `shelf.writing()`."""
        seq = self.shelf.next_seq(FIRST_BORDEREAU)
        known = self.drawer.clients()
        client = known.get(fields.get("client", 0)) or known[1 + seq % len(known)]
        stamp = millis(created)
        body = {
            "reference": f"BRD-{created.year}-{seq - FIRST_BORDEREAU + 181:05d}",
            "client": client["id"],
            "contract": client["contracts"][-1]["id"],
            "receivedOn": created.date().isoformat(),
            "status": "RECU",
            "bulletinCount": 0,
            "total": "0.000",
            **{name: value for name, value in fields.items() if name in FIELDS},
        }
        record_id = str(fields.get("id", seq))
        record = Record(record_id, seq, stamp, stamp, body["status"], str(body["client"]), body)
        self.shelf.put(record)
        return record

    def invented(self, count: int, record: Record, stamp: int) -> list[Bulletin]:
        """So many new bulletins for a bordereau, not yet in the drawer."""
        first = self.drawer.next_id(FIRST_BULLETIN)
        day, updated = date.fromisoformat(record.body["receivedOn"]), _iso(stamp)
        client = record.body["client"] if isinstance(record.body["client"], int) else 0
        made = (
            invent(
                self.rng, number, client=client, number=_number(day, number), care=self._care(day)
            )
            for number in range(first, first + count)
        )
        return [{**bulletin, "updatedAt": updated} for bulletin in made]

    def change(
        self, record: Record, bulletins: Iterable[Bulletin], *, recount: bool = False
    ) -> list[Bulletin]:
        """Puts changed bulletins of a bordereau. Inside `shelf.writing()`."""
        stamp = self._stamp(record)
        changed = [{**bulletin, "updatedAt": _iso(stamp)} for bulletin in bulletins]
        self.drawer.put(record.id, changed)
        self.touch(record, stamp, recount=recount)
        return changed

    def touch(self, record: Record, stamp: int, *, recount: bool = False, **fields: Any) -> Record:
        """Puts a bordereau anew; `recount` makes its count and total those of its bulletins."""
        body = dict(record.body)
        if recount:
            count, total = self.drawer.sums(record.id)
            body |= {"bulletinCount": count, "total": dinars(total)}
        body |= fields
        category = str(body["client"])
        changed = replace(
            record, updated=stamp, status=body["status"], category=category, body=body
        )
        self.shelf.put(changed)
        return changed

    def now(self) -> int:
        """Milliseconds, by the upstream's clock."""
        return millis(self.clock())

    def _record(self, bordereau_id: str | int) -> Record:
        record = self.shelf.get(str(bordereau_id))
        if record is None:
            raise KeyError(bordereau_id)
        return record

    def _stamp(self, record: Record) -> int:
        return max(self.now(), record.updated)

    def _care(self, received: date) -> date:
        return received - timedelta(days=2 + int(self.rng.random() * 40))

    def _seen(self, record: Record, known: dict[int, Any] | None = None) -> dict[str, Any]:
        body = record.body
        return {
            "id": int(record.id),
            **body,
            **_parties(body, known or self.drawer.clients()),
            "total": as_number(body["total"]) if record.seq % NUMBERS_EVERY == 0 else body["total"],
            "updatedAt": _iso(record.updated),
        }


def _parties(body: dict[str, Any], known: dict[int, Any]) -> dict[str, Any]:
    """Client and contract, of their ids; whatever else a test put there stays."""
    client = known.get(body["client"]) if isinstance(body["client"], int) else None
    if client is None:
        return {}
    contracts = {contract["id"]: contract for contract in client["contracts"]}
    contract = contracts.get(body["contract"], body["contract"])
    shown = {name: value for name, value in client.items() if name != "contracts"}
    return {"client": shown, "contract": contract}


def _sums(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ("bulletinCount", "total") if name in fields}


def _number(day: date, bulletin_id: int) -> str:
    return f"BS-{day.year}-{bulletin_id - FIRST_BULLETIN + 4501:07d}"


def _iso(stamp: int) -> str:
    return iso(stamp, hours=ZONE_HOURS)
