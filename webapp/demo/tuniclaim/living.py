"""How claims come to be at the demo TUNICLAIM: what stood there before, what arrives, what moves."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from webapp.demo.clock import millis
from webapp.demo.shelf import Record
from webapp.demo.tuniclaim import moves
from webapp.demo.tuniclaim.claims import Claims
from webapp.demo.tuniclaim.drawer import Bulletin
from webapp.demo.tuniclaim.exact import dinars, millimes
from webapp.demo.tuniclaim.flaws import place_flaws
from webapp.demo.tuniclaim.invention import reason
from webapp.demo.tuniclaim.orders import reimbursed

BORDEREAUX = 12
OPEN = (moves.RECEIVED, moves.IN_PROGRESS)
YOUNG = 0.15  # of the days: what came since is as it was received
FULL = 12  # bulletins; a bordereau with as many gets no more by itself
# What is left for the desk to decide, and what the insurer's own people do meanwhile.
OWN_MOVES = {
    moves.RECEIVED: (moves.IN_PROGRESS,),
    moves.IN_PROGRESS: (moves.VALIDATED, moves.VALIDATED, moves.REJECTED),
}
OWN_STEPS = {
    moves.RECEIVED: (moves.SCANNED, moves.IN_PROGRESS),
    moves.SCANNED: (moves.IN_PROGRESS,),
    moves.IN_PROGRESS: (moves.HANDLED,),
}


def fill(
    claims: Claims, bordereaux: int = BORDEREAUX, bulletins: int | None = None, *, days: int = 45
) -> None:
    """Adds bordereaux of the last `days`, the older ones handled and paid.

    `bulletins` is how many each has, 3 to 8 where it is None; the flaws of flaws.py come with the latter.
    """
    moments = sorted(claims.rng.random() for _ in range(bordereaux))
    start = claims.clock() - timedelta(days=days)
    with claims.shelf.writing():
        made = []
        for moment in moments:
            count = 3 + int(claims.rng.random() * 6) if bulletins is None else bulletins
            record = claims.put_new(start + timedelta(days=days * moment), {})
            made.append(_worked_on(claims, record, count, age=1 - moment, days=days))
        if bulletins is None:
            place_flaws(claims, made)


def add_something(claims: Claims) -> dict[str, Any]:
    """The post brings a bulletin for the newest open bordereau, now and then a new bordereau."""
    newest = next(iter(claims.newest(1)), None)
    open_one = newest and newest["status"] != moves.CLOSED and newest["bulletinCount"] < FULL
    if newest and open_one and claims.rng.random() < 0.7:
        return claims.add_bulletin(newest["id"])
    return claims.add()


def change_something(claims: Claims) -> dict[str, Any] | None:
    """The insurer's people move one on, or correct an amount; None where there is nothing to do."""
    with claims.shelf.writing():
        chance = claims.rng.random()
        if chance < 0.04:
            return _new_address(claims)
        if chance < 0.3:
            return _step(claims) or _bulletin_moves(claims)
        return _bulletin_moves(claims) or _step(claims)


def _worked_on(claims: Claims, record: Record, count: int, *, age: float, days: int) -> Record:
    """With so many bulletins: as old as it is, so far it has come."""
    spent = timedelta(days=claims.rng.random() * days * age * 0.6) if age > YOUNG else timedelta()
    stamp = min(record.updated + int(spent.total_seconds() * 1000), claims.now())
    bulletins = claims.invented(count, record, stamp)
    stages = [_stage(claims.rng, age) for _ in bulletins]
    paid_at = datetime.fromtimestamp(stamp / 1000, UTC).date().isoformat()
    worked = (
        _at_stage(claims.rng, bulletin, stage, paid_at=paid_at)
        for bulletin, stage in zip(bulletins, stages, strict=True)
    )
    claims.drawer.put(record.id, worked)
    return claims.touch(record, stamp, recount=True, status=_status_of(age, stages))


def _stage(rng: Random, age: float) -> str:
    if age <= YOUNG:
        return moves.RECEIVED
    if age > 0.7:
        return moves.REJECTED if rng.random() < 0.15 else moves.PAID
    if age > 0.4:
        return rng.choice((moves.VALIDATED, moves.VALIDATED, moves.IN_PROGRESS, moves.REJECTED))
    return rng.choice(OPEN)


def _at_stage(rng: Random, bulletin: Bulletin, stage: str, *, paid_at: str) -> Bulletin:
    if stage == moves.REJECTED:
        return {**bulletin, "status": stage, "rejectionReason": reason(rng)}
    if stage != moves.PAID:
        return {**bulletin, "status": stage}
    payment = {
        "status": moves.PAID,
        "amount": dinars(reimbursed(bulletin)),
        "paidAt": paid_at,
        "virementReference": f"VIR-{paid_at[:4]}-{bulletin['id'] % 10_000:04d}",
    }
    return {**bulletin, "status": stage, "payment": payment}


def _status_of(age: float, stages: list[str]) -> str:
    if age > 0.7:
        return moves.CLOSED
    if age > 0.4:
        return moves.HANDLED if moves.IN_PROGRESS not in stages else moves.IN_PROGRESS
    return moves.IN_PROGRESS if moves.IN_PROGRESS in stages else moves.RECEIVED


def _bulletin_moves(claims: Claims) -> Bulletin | None:
    candidates = claims.drawer.newest(OPEN, limit=40)
    if not candidates:
        return None
    _, bulletin = claims.rng.choice(candidates)
    if claims.rng.random() < 0.15:
        return _corrected(claims, bulletin)
    status = claims.rng.choice(OWN_MOVES[bulletin["status"]])
    why = reason(claims.rng) if status == moves.REJECTED else None
    return claims.edit_bulletin(bulletin["id"], status=status, rejectionReason=why)


def _corrected(claims: Claims, bulletin: Bulletin) -> Bulletin:
    """An amount was typed wrongly: half a dinar more."""
    first, *others = bulletin["items"]
    fixed = {**first, "amount": dinars(millimes(first["amount"]) + 500)}
    total = dinars(millimes(bulletin["total"]) + 500)
    return claims.edit_bulletin(bulletin["id"], items=[fixed, *others], total=total)


def _step(claims: Claims) -> dict[str, Any] | None:
    records = claims.shelf.by_creation(statuses=OWN_STEPS, limit=40)
    if not records:
        return None
    record = claims.rng.choice(records)
    return claims.edit(record.id, status=claims.rng.choice(OWN_STEPS[record.status]))


def _new_address(claims: Claims) -> dict[str, Any]:
    """A client writes from another address: all its bordereaux change in one moment."""
    client = claims.rng.choice(list(claims.drawer.clients().values()))
    number = millis(claims.clock()) // 1000 % 1000
    claims.edit_client(client["id"], email=f"{client['code'].lower()}{number}@courrier.example")
    return {"id": client["code"]}
