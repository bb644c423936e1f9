"""Every state, every target, every role: what is done, what is refused, and who never gets as far as that."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.claims import make
from webapp.claims.actions import change_bulletin_status
from webapp.claims.models import Bulletin, ClaimSettings, Payment, PaymentBatch
from webapp.core import db

# Written out here once more: a change of webapp/claims/states.py that nobody meant shows as a difference.
BULLETIN = {
    "received": {"in_progress"},
    "in_progress": {"validated", "rejected", "received"},
    "validated": {"in_progress"},
    "rejected": {"in_progress"},
    "paid": set[str](),
}
PAYMENT = {
    "pending": {"scheduled", "rejected"},
    "scheduled": {"pending", "processing", "rejected"},
    "processing": {"paid", "rejected"},
    "paid": set[str](),
    "rejected": set[str](),
}
#          decides on bulletins, pays
ROLES = {
    "admin": ("amihan", True, True),
    "agent": ("andres", True, False),
    "finance": ("fina", False, True),
    "field": ("felix", False, False),
    "reporter": ("rosa", False, False),
}
DONE, STAYS, REFUSED, CLOSED = "done", "stays", "refused", "closed"
CODES = {303: STAYS, 409: REFUSED, 422: REFUSED, 403: CLOSED, 404: CLOSED}

Table = dict[tuple[str, str], str]
references = iter(range(1, 10**6))


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(role: str, people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(getattr(people, ROLES[role][0]))


def now(bulletin_id: int) -> str:
    return db.session().get_one(Bulletin, bulletin_id, populate_existing=True).status


def came_of(code: int, before: str, after: str, wanted: str) -> str:
    assert after in (before, wanted), "it went elsewhere"
    return DONE if after != before else CODES[code]


def move_bulletin(client: FlaskClient, old: str, new: str) -> str:
    bulletin = make.make_bulletin(status=old)
    data = {"status": new, "seen": bulletin.seen, "amount": "10.000", "reason": "late"}
    number = bulletin.id
    code = client.post(f"/claims/bulletins/{number}/status", data=data).status_code
    return came_of(code, old, now(number), new)


def post_move(client: FlaskClient, payment: Payment, to: str) -> tuple[int, str]:
    """(what was answered, the payment's state then)."""
    number, batch = payment.id, db.session().get_one(PaymentBatch, payment.batch_id)
    data = {
        "to": to,
        "version": batch.version,
        "on": "2026-12-01",
        "reference": f"VIR {next(references)}",
    }
    code = client.post(f"/claims/payments/{batch.ref}/move", data=data).status_code
    return code, db.session().get_one(Payment, number, populate_existing=True).state


def move_payment(client: FlaskClient, old: str, new: str) -> str:
    payment = make.live_payment(make.make_bulletin(status="validated"), state=old)
    code, state = post_move(client, payment, new)
    return came_of(code, old, state, new)


def expected(moves: dict[str, set[str]], *, may: bool, same: str) -> Table:
    def one(old: str, new: str) -> str:
        if not may:
            return CLOSED
        if new in moves[old]:
            return DONE
        return same if old == new else REFUSED

    return {(old, new): one(old, new) for old, new in product(moves, repeat=2)}


def test_who_may_move_a_bulletin_where(client: FlaskClient, role: str) -> None:
    wanted = expected(BULLETIN, may=ROLES[role][1], same=STAYS)
    if ROLES[role][1]:
        wanted["paid", "paid"] = REFUSED  # nobody asks for `paid` by hand
    assert {cell: move_bulletin(client, *cell) for cell in wanted} == wanted


def test_who_may_move_a_payment_where(client: FlaskClient, role: str) -> None:
    wanted = expected(PAYMENT, may=ROLES[role][2], same=REFUSED)
    assert {cell: move_payment(client, *cell) for cell in wanted} == wanted


def test_who_may_put_which_bulletin_into_a_payment(client: FlaskClient, role: str) -> None:
    def tried(status: str) -> str:
        bulletin = make.make_bulletin(status=status)
        data = {"client": bulletin.client_id, "bulletin": [bulletin.id]}
        number = bulletin.id
        code = client.post("/claims/payments", data=data).status_code
        made = db.session().scalars(select(Payment).where(Payment.bulletin_id == number)).all()
        return DONE if made else CODES[code]

    may = ROLES[role][2]
    refused = REFUSED if may else CLOSED
    wanted = dict.fromkeys(BULLETIN, refused) | ({"validated": DONE} if may else {})
    assert {status: tried(status) for status in BULLETIN} == wanted


# Four eyes: each step that takes money out, and each that does not.
OUTWARDS = (("", "pending"), ("pending", "scheduled"), ("scheduled", "processing"))
OUTWARDS_LAST = ("processing", "paid")
BACKWARDS = (("scheduled", "pending"), ("pending", "rejected"), ("processing", "rejected"))


def validated_by(name: str) -> Bulletin:
    bulletin = make.make_bulletin(status="in_progress")
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        change_bulletin_status(row, status="validated", actor=make.person(name))
    return row


def step(client: FlaskClient, validator: str, old: str, new: str) -> bool:
    """Whether the person went this step with a bulletin that `validator` has validated."""
    bulletin = validated_by(validator)
    if not old:
        data = {"client": bulletin.client_id, "bulletin": [bulletin.id]}
        return client.post("/claims/payments", data=data).status_code == 303
    return post_move(client, make.live_payment(bulletin, state=old), new)[1] == new


@pytest.fixture(params=[True, False], ids=["four eyes", "two do"])
def four_eyes(request: pytest.FixtureRequest, people: SimpleNamespace) -> bool:
    with db.transaction() as session:
        session.get_one(ClaimSettings, 1).four_eyes = request.param
    return bool(request.param)


@pytest.mark.parametrize("payer", ["amihan", "fina"])
def test_nobody_takes_a_step_towards_paying_what_they_validated(
    request: pytest.FixtureRequest, payer: str, four_eyes: bool
) -> None:
    client: FlaskClient = request.getfixturevalue(payer)
    steps = (*OUTWARDS, OUTWARDS_LAST, *BACKWARDS)
    found = {
        (validator, *each): step(client, validator, *each)
        for validator, each in product(("Amihan", "Andres"), steps)
    }
    own = payer.title()
    assert found == {
        (validator, *each): not (four_eyes and validator == own and each not in BACKWARDS)
        for validator, each in product(("Amihan", "Andres"), steps)
    }
