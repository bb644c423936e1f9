"""A world of claims: the demo TUNICLAIM in process, an agent who decides and a clerk who pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from tests.claims.make import person
from tests.proof.world import World
from webapp.claims.actions import (
    apply_answer,
    change_bulletin_status,
    make_batch,
    move_batch,
    take_out,
)
from webapp.claims.actions.payments.answering import Outcome
from webapp.claims.models import Bulletin, Client, Payment, PaymentBatch
from webapp.claims.states import IN_PROGRESS, PAID, PROCESSING, REJECTED, SCHEDULED, VALIDATED
from webapp.core import db
from webapp.core.errors import AppError
from webapp.demo.shelf import Shelf
from webapp.demo.tuniclaim.app import API_KEY, Tuniclaim
from webapp.demo.tuniclaim.app import create_app as tuniclaim_app
from webapp.demo.tuniclaim.claims import Claims
from webapp.demo.tuniclaim.exact import dinars, millimes

PAY_DAY = date(2026, 12, 1)
# How far three bulletins have come when a schedule begins. All of it was told, but for what is `untold`.
READ, AGREED, ORDERED, AT_THE_BANK, UNTOLD = "read", "agreed", "ordered", "at the bank", "untold"
STAGES = (READ, AGREED, ORDERED, AT_THE_BANK, UNTOLD)
THERE = Tuniclaim(Claims(Shelf()), page_cap=2)
APP = tuniclaim_app(THERE)


class Insurer:
    """Bordereaux and bulletins of the demo TUNICLAIM, two bordereaux a page."""

    usual: ClassVar = {
        "kind": "tuniclaim",
        "name": "TUNICLAIM",
        "shape": "contract",
        "secret": API_KEY,
        "base_url": "http://tuniclaim.example",
    }

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.records = Claims(Shelf(), seed=3, clock=clock)
        THERE.claims = self.records
        self.app = APP


class ClaimsWorld(World):
    """Everybody in it works on the bulletins, counted from 0 in the order of their ids there."""

    upstream = Insurer
    references = 0

    @property
    def claims(self) -> Claims:
        found: Claims = self.reports
        return found

    def fill(self) -> None:
        """Three bulletins of one client in two bordereaux."""
        for count in (2, 1):
            self.claims.add(client=1, bulletins=count)

    def begin(self, stage: str) -> None:
        super().begin(stage)
        if stage == READ:
            return
        for n in range(3):
            self.agent(n, IN_PROGRESS)
            self.agent(n, VALIDATED)
        if stage != AGREED:
            self.pay((0, 1))
            self.pay((2,))
        if stage in (AT_THE_BANK, UNTOLD):
            for n, to in product((0, 1), (SCHEDULED, PROCESSING)):
                self.move(n, to)
        if stage != UNTOLD:
            self.push()

    # The insurer's own people

    def bordereaux(self) -> list[dict[str, Any]]:
        return self.claims.page(since=None, number=0, size=10_000)

    def all_bulletins(self) -> list[tuple[str, dict[str, Any]]]:
        """(bordereau's id, bulletin), by the bulletins' ids."""
        found = [
            (str(each["id"]), bulletin)
            for each in self.bordereaux()
            for bulletin in self.claims.drawer.of(str(each["id"]))
        ]
        return sorted(found, key=lambda pair: pair[1]["id"])

    def bulletin_there(self, n: int) -> dict[str, Any]:
        found = self.all_bulletins()
        return found[n % len(found)][1]

    def they_set(self, n: int, status: str, *, off: int = 0) -> None:
        """Their people move it; paid, it has been paid by them, with an amount `off` by so many millimes."""
        bulletin = self.bulletin_there(n)
        fields: dict[str, Any] = {"status": status}
        if status == "PAYE":
            owed = sum(millimes(item["reimbursed"]) for item in bulletin["items"])
            fields["payment"] = {
                "status": "PAYE",
                "amount": dinars(owed + off),
                "paidAt": "2026-11-19",
                "virementReference": "THEIRS",
            }
        self.claims.edit_bulletin(bulletin["id"], **fields)

    def they_reprice(self, n: int, by: int) -> None:
        """One item costs so many millimes more, of which all is paid back."""
        bulletin = self.bulletin_there(n)
        items = [dict(item) for item in bulletin["items"]]
        for name in ("amount", "reimbursed"):
            items[0][name] = dinars(max(millimes(items[0][name]) + by, 0))
        total = dinars(sum(millimes(item["amount"]) for item in items))
        self.claims.edit_bulletin(bulletin["id"], items=items, total=total)

    def they_move(self, n: int, to: str) -> None:
        """The bulletin lies in another bordereau from now on."""
        home, bulletin = next(
            pair for pair in self.all_bulletins() if pair[1]["id"] == self.bulletin_there(n)["id"]
        )
        if home == to:
            return
        with self.claims.shelf.writing():
            old, new = self.claims._record(home), self.claims._record(to)
            self.claims.change(new, [bulletin], recount=True)
            self.claims.touch(old, self.claims._stamp(old), recount=True)

    def they_drop(self, n: int) -> None:
        """The bulletin is in no bordereau any more."""
        home, bulletin = self.all_bulletins()[n % len(self.all_bulletins())]
        with self.claims.shelf.writing():
            self.claims.shelf.run("DELETE FROM bulletin WHERE id = ?", (bulletin["id"],))
            record = self.claims._record(home)
            self.claims.touch(record, self.claims._stamp(record), recount=True)

    # Our people

    def agent(self, n: int, status: str, *, less: str = "") -> bool:
        """Andres moves a bulletin; `less`: he agrees to so much less than is asked for."""

        def act(session: Any) -> None:
            bulletin = self._bulletin(session, n)
            if bulletin.status == status:
                raise AppError("it is there already")
            amount = None
            if status == VALIDATED and less and bulletin.payable > Decimal(less):
                amount = bulletin.payable - Decimal(less)
            reason = {"rejection_code": "not_covered", "rejection_text": "Hors nomenclature"}
            change_bulletin_status(
                bulletin,
                status=status,
                actor=person("Andres"),
                amount=amount,
                **(reason if status == REJECTED else {}),
            )

        return self._tried(act)

    def pay(self, numbers: Sequence[int]) -> bool:
        """Fina puts these into a batch."""

        def act(session: Any) -> None:
            bulletins = {row.id: row for row in (self._bulletin(session, n) for n in numbers)}
            client = session.get_one(Client, next(iter(bulletins.values())).client_id)
            make_batch(client, list(bulletins), actor=person("Fina"))

        return self._tried(act)

    def move(self, n: int, to: str) -> bool:
        """Fina moves a batch."""

        def act(session: Any) -> None:
            given = {}
            if to == PAID:
                self.references += 1
                given = {"reference": f"VIR {self.references}"}
            batch = self._batch(session, n)
            move_batch(batch, to=to, actor=person("Fina"), on=PAY_DAY, **given)

        return self._tried(act)

    def finish(self, n: int) -> None:
        """Fina pays a bulletin if she can, and brings one payment to its end."""
        batch = -1 if self.pay((n,)) else n
        for to in (SCHEDULED, PROCESSING, PAID):
            self.move(batch, to)

    def leave_out(self, n: int, k: int) -> bool:
        def act(session: Any) -> None:
            batch = self._batch(session, n)
            payments = session.scalars(
                select(Payment).where(Payment.batch_id == batch.id).order_by(Payment.id)
            ).all()
            take_out(batch, payments[k % len(payments)], actor=person("Fina"))

        return self._tried(act)

    def answer(self, n: int, paid: Sequence[bool]) -> bool:
        """The bank's answer to a batch: for each payment, whether it went through."""

        def act(session: Any) -> None:
            batch = self._batch(session, n)
            ids = session.scalars(
                select(Payment.id).where(Payment.batch_id == batch.id).order_by(Payment.id)
            ).all()
            outcomes = {
                each: Outcome(paid[k % len(paid)], on=PAY_DAY, why="compte clos")
                for k, each in enumerate(ids)
            }
            apply_answer(batch, outcomes, actor=person("Fina"))

        return self._tried(act)

    def _tried(self, act: Callable[[Any], None]) -> bool:
        """Whether the desk allowed it; what it refuses leaves nothing."""
        try:
            with db.transaction() as session:
                act(session)
        except AppError:
            return False
        return True

    def _bulletin(self, session: Any, n: int) -> Bulletin:
        rows = session.scalars(select(Bulletin.id).order_by(Bulletin.id)).all()
        found: Bulletin = session.get_one(
            Bulletin, rows[n % len(rows)], with_for_update=True, populate_existing=True
        )
        return found

    def _batch(self, session: Any, n: int) -> PaymentBatch:
        rows = session.scalars(select(PaymentBatch.id).order_by(PaymentBatch.id)).all()
        if not rows:
            raise AppError("there is none")
        found: PaymentBatch = session.get_one(
            PaymentBatch, rows[n % len(rows)], with_for_update=True, populate_existing=True
        )
        return found


def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parents are asked for in their order, so that the points of a pull have the same numbers each time."""
    monkeypatch.setattr("webapp.sync.pull.children.AT_ONCE", 1)
