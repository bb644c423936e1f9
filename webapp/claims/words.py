"""The claim side's stored values in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

STATUSES: dict[str, Any] = {
    "received": _l("Received"),
    "scanned": _l("Scanned"),
    "in_progress": _l("In progress"),
    "validated": _l("Validated"),
    "rejected": _l("Rejected"),
    "paid": _l("Paid"),
    "processed": _l("Processed"),
    "closed": _l("Closed"),
    "pending": _l("Pending"),
    "scheduled": _l("Scheduled"),
    "processing": _l("Processing"),
}
RELATIONS: dict[str, Any] = {
    "member": _l("the member"),
    "spouse": _l("spouse"),
    "child": _l("child"),
    "parent": _l("parent"),
}
REJECTIONS: dict[str, Any] = {
    "not_covered": _l("The care is not covered"),
    "ceiling_reached": _l("The contract's ceiling is reached"),
    "missing_document": _l("A document is missing"),
    "contract_not_in_force": _l("The contract was not in force on the care date"),
    "duplicate": _l("It was claimed before"),
    "amount_wrong": _l("The amounts are wrong"),
    "late": _l("It was handed in too late"),
    "other": _l("Another reason"),
}
FLAGS: dict[str, Any] = {
    "mismatch": _l("Items do not add up"),
    "duplicate": _l("Duplicate to decide"),
    "not_in_force": _l("Contract not in force"),
    "changed": _l("Changed since validation"),
}
DUPLICATE_REASONS: dict[str, Any] = {
    "number": _l("same bulletin number"),
    "care": _l("same member, care date, provider and amount"),
}
OBSTACLES: dict[str, Any] = {
    "not_validated": _l("It is not validated."),
    "in_a_payment": _l("It is in a payment already."),
    "duplicate_open": _l("It may be a duplicate: decide that first."),
    "duplicate": _l("It was found to be a duplicate."),
    "changed": _l("Its amounts changed after it was validated: validate it again."),
    "paid_there": _l("The upstream says that it is paid."),
    "own_validation": _l("You validated it yourself: somebody else has to pay it."),
}
FIELDS: dict[str, Any] = {
    "reference": _l("reference"),
    "status": _l("status"),
    "client": _l("client"),
    "client_code": _l("client's code"),
    "client_name": _l("client"),
    "client_email": _l("client's e-mail"),
    "client_phone": _l("client's phone"),
    "client_address": _l("client's address"),
    "client_payment_days": _l("client's days to pay"),
    "client_complaint_days": _l("client's days to answer complaints"),
    "contract": _l("contract"),
    "contract_number": _l("contract"),
    "contract_starts_on": _l("contract from"),
    "contract_ends_on": _l("contract until"),
    "contract_ceiling": _l("contract's ceiling"),
    "provider": _l("provider"),
    "received_on": _l("received"),
    "payment_days": _l("days to pay"),
    "complaint_days": _l("days to answer complaints"),
    "bulletin_count": _l("number of bulletins"),
    "total": _l("total"),
    "number": _l("number"),
    "member_number": _l("member number"),
    "member_name": _l("member"),
    "beneficiary_relation": _l("relation"),
    "beneficiary_name": _l("beneficiary"),
    "beneficiary_born_on": _l("born on"),
    "care_date": _l("care date"),
    "external_payment": _l("upstream payment"),
    "rejection_text": _l("reason of rejection"),
    "payment_status": _l("payment"),
    "payment_amount": _l("amount paid"),
    "payment_on": _l("paid on"),
    "payment_reference": _l("transfer reference"),
    "payment_by": _l("paid by"),
    "complaint": _l("complaint"),
    "external_status": _l("status there"),
    "items": _l("items"),
    "validated_amount": _l("validated amount"),
    "address": _l("address"),
    "phone": _l("phone"),
    "account_holder": _l("account holder"),
    "iban": _l("IBAN"),
    "bic": _l("BIC"),
    "starts_on": _l("from"),
    "ends_on": _l("until"),
    "ceiling": _l("ceiling"),
    "planned_on": _l("planned for"),
    "reference_of_transfer": _l("transfer reference"),
    "enabled": _l("claims are handled here"),
    "four_eyes": _l("four eyes"),
    "payer_name": _l("payer"),
    "payer_iban": _l("payer's IBAN"),
    "payer_bic": _l("payer's BIC"),
}


def status_word(status: str) -> str:
    """Of a bulletin, a bordereau or a payment; what is unknown stays as it is."""
    return str(STATUSES.get(status, status))


def relation_word(relation: str) -> str:
    return str(RELATIONS.get(relation, relation))


def rejection_word(code: str) -> str:
    return str(REJECTIONS.get(code, code))


def duplicate_reason(why: str) -> str:
    return str(DUPLICATE_REASONS.get(why, why))


def obstacle_word(code: str) -> str:
    return str(OBSTACLES.get(code, code))


def flag_word(flag: str) -> str:
    return str(FLAGS.get(flag, flag))


def claim_field(name: str) -> str:
    return str(FIELDS.get(name, name.replace("_", " ")))
