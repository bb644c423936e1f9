"""What a caller may order: a status, a payment. All of it happens, or nothing and a refusal says why."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from webapp.demo.refused import Refused
from webapp.demo.shelf import Record
from webapp.demo.tuniclaim import moves
from webapp.demo.tuniclaim.claims import Claims
from webapp.demo.tuniclaim.drawer import Bulletin
from webapp.demo.tuniclaim.exact import dinars, millimes

LONGEST = 500


@dataclass(frozen=True)
class StatusOrder:
    """A status for a bordereau, or for one of its bulletins. `seen`: the one the caller knows."""

    bordereau: str
    bulletin: int | None
    status: str
    reason: str | None = None
    seen: str | None = None


@dataclass(frozen=True)
class PaymentOrder:
    """What became of the payment of one bulletin, or of all validated ones of a bordereau."""

    bordereau: str
    bulletin: int | None
    status: str
    amount: int | None = None
    paid_at: str | None = None
    reference: str | None = None


def set_status(claims: Claims, order: StatusOrder) -> dict[str, Any]:
    """Carries it out. Raises Refused."""
    record = _record(claims, order.bordereau)
    if order.bulletin is None:
        _check_move(moves.BORDEREAU, record.status, order)
        if record.status != order.status:
            stamp = max(claims.now(), record.updated)
            claims.touch(record, stamp, status=order.status)
        return {"id": int(record.id), "status": order.status}
    bulletin = _bulletin(claims, record, order.bulletin)
    _check_move(moves.BULLETIN, bulletin["status"], order)
    reason = order.reason if order.status == moves.REJECTED else None
    wanted = {**bulletin, "status": order.status, "rejectionReason": reason}
    if wanted != bulletin:
        claims.change(record, [wanted])
    return {"id": int(record.id), "bulletinId": bulletin["id"], "status": order.status}


def set_payment(claims: Claims, order: PaymentOrder) -> dict[str, Any]:
    """Carries it out. Raises Refused."""
    record = _record(claims, order.bordereau)
    if order.status not in moves.PAYMENT:
        raise invalid(f"status must be one of: {', '.join(moves.PAYMENT)}.")
    if order.status == moves.PAID and order.bulletin is not None and order.amount is None:
        raise invalid("A payment that is PAYE needs its amount.")
    if order.bulletin is None:
        due = _due(claims, record, order)
        paid = [_with_payment(bulletin, order, reimbursed(bulletin)) for bulletin in due]
        claims.change(record, paid)
        owed = dinars(sum(reimbursed(bulletin) for bulletin in due))
        return {"id": int(record.id), "bulletins": len(due), "payment": _payment(order, owed)}
    bulletin = _bulletin(claims, record, order.bulletin)
    _check_payable(bulletin)
    if order.amount is not None and order.amount > millimes(bulletin["total"]):
        raise invalid("amount must not be above the total of the bulletin.")
    amount = reimbursed(bulletin) if order.amount is None else order.amount
    (changed,) = claims.change(record, [_with_payment(bulletin, order, amount)])
    payment = changed["payment"]
    return {"id": int(record.id), "bulletinId": bulletin["id"], "payment": payment}


def reimbursed(bulletin: Bulletin) -> int:
    """What the insurer owes for a bulletin, in millimes."""
    return sum(millimes(item["reimbursed"]) for item in bulletin["items"])


def invalid(message: str) -> Refused:
    """422."""
    return Refused(422, "invalid", message)


def amount_of(value: Any) -> int | None:
    """An amount that a caller sent, in millimes. Raises Refused."""
    if value is None:
        return None
    try:
        found = millimes(value)
    except ValueError as error:
        raise invalid(f"amount: {error}") from None
    if found <= 0:
        raise invalid("amount must be above zero.")
    return found


def day_of(value: Any) -> str | None:
    """A date that a caller sent. Raises Refused."""
    try:
        return None if value is None else date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise invalid("paidAt must be a date such as 2026-11-20.") from None


def text_of(name: str, value: Any) -> str | None:
    """A text that a caller sent. Raises Refused."""
    if value is not None and not (isinstance(value, str) and len(value) <= LONGEST):
        raise invalid(f"{name} must be text of at most {LONGEST} characters.")
    return value


def _check_move(table: dict[str, tuple[str, ...]], present: str, order: StatusOrder) -> None:
    if order.status not in table:
        raise invalid(f"status must be one of: {', '.join(table)}.")
    stale = order.seen not in (None, present) and order.status != present
    if stale or not moves.may_follow(table, present, order.status):
        message = f"{order.status} is not allowed from the present status {present}."
        raise Refused(409, "not_allowed", message, presentStatus=present)


def _check_payable(bulletin: Bulletin) -> None:
    if _is_paid(bulletin):
        raise _already_paid(bulletin["payment"])
    if bulletin["status"] not in moves.PAYABLE:
        status = bulletin["status"]
        message = f"A bulletin that is {status} cannot be paid."
        raise Refused(409, "not_allowed", message, presentStatus=status)


def _due(claims: Claims, record: Record, order: PaymentOrder) -> list[Bulletin]:
    bulletins = claims.drawer.of(record.id)
    settled = [b["payment"] for b in bulletins if _is_paid(b)]
    due = [b for b in bulletins if b["status"] == moves.VALIDATED and not _is_paid(b)]
    if not due and settled:
        total = dinars(sum(millimes(payment["amount"]) for payment in settled))
        raise _already_paid({**settled[-1], "amount": total})
    if not due:
        message = "No bulletin of this bordereau is VALIDE."
        raise Refused(409, "not_allowed", message, presentStatus=record.status)
    owed = sum(reimbursed(bulletin) for bulletin in due)
    if order.amount not in (None, owed):
        raise invalid(f"amount must be {dinars(owed)}, what is owed for {len(due)} bulletins.")
    return due


def _is_paid(bulletin: Bulletin) -> bool:
    payment = bulletin["payment"]
    return bool(payment) and payment["status"] == moves.PAID


def _already_paid(payment: dict[str, Any]) -> Refused:
    shown = {**payment, "amount": dinars(millimes(payment["amount"]))}
    return Refused(409, "already_paid", "This has been paid already.", payment=shown)


def _with_payment(bulletin: Bulletin, order: PaymentOrder, amount: int) -> Bulletin:
    status = moves.PAID if order.status == moves.PAID else bulletin["status"]
    return {**bulletin, "status": status, "payment": _payment(order, dinars(amount))}


def _payment(order: PaymentOrder, amount: str) -> dict[str, Any]:
    return {
        "status": order.status,
        "amount": amount,
        "paidAt": order.paid_at,
        "virementReference": order.reference,
    }


def _record(claims: Claims, bordereau: str) -> Record:
    record = claims.shelf.get(bordereau)
    if record is None:
        raise Refused(404, "not_found", f"There is no bordereau {bordereau}.")
    return record


def _bulletin(claims: Claims, record: Record, bulletin_id: int) -> Bulletin:
    found = claims.drawer.get(bulletin_id)
    if found is None or found[0] != record.id:
        message = f"There is no bulletin {bulletin_id} in the bordereau {record.id}."
        raise Refused(404, "not_found", message)
    return found[1]
