"""Claims as tests need them: made by the real actions, as if an upstream had brought them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.claims.actions import change_bulletin_status, import_bordereaux, import_bulletins
from webapp.claims.models import Bordereau, Bulletin, Client, Payment, PaymentBatch
from webapp.claims.values import BordereauValues, BulletinValues
from webapp.core import clock, db
from webapp.events.types import Actor

UPSTREAM = Actor("connection", 1, "TUNICLAIM")
SOURCE = {"source": "connection:1", "source_name": "TUNICLAIM"}
_numbers = iter(range(1, 10**9))


def make_bordereau(**fields: Any) -> Bordereau:
    """Of the client STEG with the contract C-1, received on 2026-11-02, unless `fields` say otherwise."""
    values = BordereauValues.model_validate(
        {
            "reference": f"BRD-2026-{next(_numbers):05}",
            "client_code": "STEG",
            "client_name": "Société tunisienne de l'électricité et du gaz",
            "contract_number": "C-1",
            "contract_starts_on": "2026-01-01",
            "contract_ends_on": "2026-12-31",
            "received_on": "2026-11-02",
            **SOURCE,
            **fields,
        }
    )
    with db.transaction() as session:
        [bordereau_id] = import_bordereaux([values], actor=UPSTREAM)
        return session.get_one(Bordereau, bordereau_id)


def make_bulletin(bordereau: Bordereau | None = None, **fields: Any) -> Bulletin:
    """With one item of 80.500 of which 60.000 are paid back, unless `fields` say otherwise."""
    return make_bulletins(1, bordereau, **fields)[0]


def make_bulletins(count: int, bordereau: Bordereau | None = None, **fields: Any) -> list[Bulletin]:
    bordereau = bordereau or make_bordereau()
    values = [
        _bulletin(next(_numbers), {"bordereau_id": bordereau.id, **fields}) for _ in range(count)
    ]
    with db.transaction() as session:
        ids = import_bulletins(values, actor=UPSTREAM)
        rows = session.scalars(select(Bulletin).where(Bulletin.id.in_(ids)).order_by(Bulletin.id))
        return list(rows)


def _bulletin(number: int, fields: dict[str, Any]) -> BulletinValues:
    return BulletinValues.model_validate(
        {
            "number": f"BS-2026-{number:07}",
            "member_number": f"M-{number}",
            "member_name": "Ben Salah Amira",
            "beneficiary_relation": "child",
            "beneficiary_name": "يوسف",
            "care_date": "2026-10-20",
            "total": "80.500",
            "items": [
                {
                    "code": "C2",
                    "label": "Consultation spécialiste",
                    "provider": "Dr Trabelsi",
                    "amount": "80.500",
                    "reimbursed": "60.000",
                }
            ],
            **SOURCE,
            **fields,
        }
    )


def validate(bulletin: Bulletin, *, by: Actor, amount: str | None = None) -> Bulletin:
    """Taken up and validated, as an agent does it."""
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id, with_for_update=True)
        change_bulletin_status(row, status="in_progress", actor=by)
        agreed = Decimal(amount) if amount else None
        change_bulletin_status(row, status="validated", actor=by, amount=agreed)
        return row


def client_named(code: str) -> Client:
    return db.session().scalars(select(Client).where(Client.code == code)).one()


def person(name: str) -> Actor:
    """One of the fixture `people`, as who does something."""
    return db.session().scalars(select(User).where(User.name == name)).one().actor


def live_payment(bulletin: Bulletin, *, state: str = "pending") -> Payment:
    """A payment of one bulletin, in the state that a test needs, without the steps before it."""
    now = clock.now()
    with db.transaction() as session:
        batch = PaymentBatch(
            ref=f"P-2026-{next(_numbers):06}",
            client_id=bulletin.client_id,
            state=state,
            total=bulletin.payable,
            count=1,
            created_by="Fina",
            created_at=now,
            updated_at=now,
        )
        session.add(batch)
        session.flush()
        payment = Payment(
            batch_id=batch.id,
            bulletin_id=bulletin.id,
            amount=bulletin.payable,
            state=state,
            created_at=now,
            updated_at=now,
        )
        session.add(payment)
        return payment
