"""The shape that an older public client of TUNICLAIM talks to: sync.md section 1.

Everything in one list, bulletins inside their bordereau, French field names, numbers as text or as
numbers, and words of its own for each status. Records are named by their references.
"""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from webapp.demo.refused import Refused
from webapp.demo.tuniclaim.calls import Sent, as_json, carried_out, holder, time_of
from webapp.demo.tuniclaim.drawer import Bulletin
from webapp.demo.tuniclaim.exact import as_number, dinars, loads, millimes
from webapp.demo.tuniclaim.orders import (
    PaymentOrder,
    StatusOrder,
    amount_of,
    invalid,
    reimbursed,
    set_payment,
    set_status,
    text_of,
)

if TYPE_CHECKING:
    from webapp.demo.tuniclaim.app import Tuniclaim

MOST = 5000
DELAYS = {"reglementDelay": 30, "reclamationDelay": 15}
# The first word of each is the one shown of itself; the others are understood and shown of some.
STATUT = {
    "RECU": ("EN_ATTENTE", "A_SCANNER"),
    "SCANNE": ("SCANNE", "SCAN_EN_COURS"),
    "EN_COURS": ("EN_COURS", "ASSIGNE"),
    "TRAITE": ("TRAITE",),
    "VALIDE": ("VALIDE",),
    "REJETE": ("REJETE",),
    "CLOTURE": ("CLOTURE",),
}
ETAT = {
    "RECU": "IN_PROGRESS",
    "EN_COURS": "EN_COURS",
    "VALIDE": "VALIDATED",
    "REJETE": "REJECTED",
    "PAYE": "PAID",
}
PAYMENT = {
    "PENDING": "EN_ATTENTE",
    "SCHEDULED": "PLANIFIE",
    "PROCESSING": "EN_COURS",
    "PAID": "PAYE",
    "REJECTED": "REJETE",
}
MEANT = {
    "statut": {word: ours for ours, words in STATUT.items() for word in words},
    "etat": {word: ours for ours, word in ETAT.items()},
    "payment": PAYMENT,
}


def legacy(upstream: "Tuniclaim") -> Blueprint:
    """The routes below /legacy/api."""
    routes = Blueprint("legacy", __name__)
    rule, one = routes.add_url_rule, "/bordereaux/<word>"
    rule("/bordereaux", "list", lambda: _list(upstream))
    rule(f"{one}/bulletins", "bulletins", lambda word: _bulletins(upstream, word))
    rule(f"{one}/status", "status", lambda word: _status(upstream, word), methods=["PUT"])
    rule(f"{one}/payment", "payment", lambda word: _payment(upstream, word), methods=["PUT"])
    return routes


def _list(upstream: "Tuniclaim") -> Response:
    holder(upstream)
    rows = [_row(upstream, bordereau) for bordereau in upstream.claims.newest(MOST)]
    return as_json(rows if upstream.legacy_shape == "bare" else {upstream.legacy_shape: rows})


def _bulletins(upstream: "Tuniclaim", word: str) -> Response:
    holder(upstream)
    return as_json(_inside(upstream, _found(upstream, word)))


def _status(upstream: "Tuniclaim", word: str) -> Response:
    def order(sent: Sent) -> Sent:
        bordereau = _found(upstream, word)
        bulletin = _bulletin(upstream, bordereau, sent)
        words = MEANT["statut" if bulletin is None else "etat"]
        time_of("processedAt", sent.get("processedAt"))
        seen = sent.get("oldStatus")
        wanted = StatusOrder(
            bordereau=str(bordereau["id"]),
            bulletin=bulletin,
            status=_meant(words, "newStatus", sent.get("newStatus")),
            seen=None if seen is None else _meant(words, "oldStatus", seen),
        )
        done = set_status(upstream.claims, wanted)
        return {"success": True, "newStatus": sent["newStatus"], "id": done["id"]}

    return carried_out(upstream, f"{word}/status", order)


def _payment(upstream: "Tuniclaim", word: str) -> Response:
    def order(sent: Sent) -> Sent:
        bordereau = _found(upstream, word)
        paid_at = text_of("paymentDate", sent.get("paymentDate"))
        time_of("paymentDate", paid_at)
        wanted = PaymentOrder(
            bordereau=str(bordereau["id"]),
            bulletin=_bulletin(upstream, bordereau, sent),
            status=_meant(PAYMENT, "paymentStatus", sent.get("paymentStatus")),
            amount=amount_of(sent.get("amount")),
            paid_at=paid_at[:10] if paid_at else None,
            reference=text_of("virementReference", sent.get("virementReference")),
        )
        done = set_payment(upstream.claims, wanted)
        return {"success": True, "paymentStatus": sent["paymentStatus"], "id": done["id"]}

    return carried_out(upstream, f"{word}/payment", order)


def _found(upstream: "Tuniclaim", word: str) -> dict[str, Any]:
    bordereau = upstream.claims.find(word)
    if bordereau is None:
        raise Refused(404, "not_found", f"There is no bordereau {word}.")
    return bordereau


def _bulletin(upstream: "Tuniclaim", bordereau: dict[str, Any], sent: Sent) -> int | None:
    """The id of the bulletin that `bsId` names, by number or id; None where it names none."""
    named = sent.get("bsId")
    if named is None:
        return None
    for text in upstream.claims.drawer.texts(str(bordereau["id"])):
        bulletin = loads(text)
        if str(named) in (bulletin["number"], str(bulletin["id"])):
            return int(bulletin["id"])
    raise Refused(404, "not_found", f"There is no BS {named} in {bordereau['reference']}.")


def _meant(words: dict[str, str], name: str, value: Any) -> str:
    if not isinstance(value, str) or value not in words:
        raise invalid(f"{name} must be one of: {', '.join(words)}.")
    return words[value]


def _row(upstream: "Tuniclaim", bordereau: dict[str, Any]) -> dict[str, Any]:
    client, contract = bordereau["client"], bordereau["contract"]
    words = STATUT.get(bordereau["status"], (bordereau["status"],))
    return {
        "id": bordereau["id"],
        "reference": bordereau["reference"],
        "client": {
            "name": client["name"],
            "email": client["email"],
            "phone": None,
            "address": None,
            **DELAYS,
        },
        "contract": {
            "numero": contract["number"],
            "clientName": client["name"],
            "startDate": contract["startsOn"],
            "endDate": contract["endsOn"],
            "plafond": contract["ceiling"],
        },
        "prestataire": {"name": "Gestion Santé du Golfe"},
        "dateReception": bordereau["receivedOn"],
        "delaiReglement": DELAYS["reglementDelay"],
        "statut": words[bordereau["id"] % len(words)],
        "nombreBS": bordereau["bulletinCount"],
        "bulletinsSoins": _inside(upstream, bordereau),
    }


def _inside(upstream: "Tuniclaim", bordereau: dict[str, Any]) -> list[dict[str, Any]]:
    texts = upstream.claims.drawer.texts(str(bordereau["id"]))
    return [_bs(loads(text), bordereau) for text in texts]


def _bs(bulletin: Bulletin, bordereau: dict[str, Any]) -> dict[str, Any]:
    member, items = bulletin["member"], bulletin["items"]
    return {
        "id": bulletin["id"],
        "numBs": bulletin["number"],
        "etat": ETAT.get(bulletin["status"], bulletin["status"]),
        "codeAssure": member["matricule"],
        "dateCreation": bordereau["receivedOn"],
        "dateMaladie": bulletin["careDate"],
        "nomAssure": f"{member['lastName']} {member['firstName']}",
        "nomBeneficiaire": bulletin["beneficiary"]["firstName"],
        "nomPrestation": items[0]["label"] if items else None,
        "nomSociete": bordereau["client"]["name"],
        "nomBordereau": bordereau["reference"],
        "observationGlobal": bulletin["rejectionReason"] or "",
        "totalPec": _money(_covered(bulletin), bulletin["id"]),
        "items": [_item(item, bulletin) for item in items],
    }


def _covered(bulletin: Bulletin) -> int:
    """A total that is not the sum of its items is as wrong here as in the contract."""
    spent = sum(millimes(item["amount"]) for item in bulletin["items"])
    return reimbursed(bulletin) + millimes(bulletin["total"]) - spent


def _item(item: dict[str, Any], bulletin: Bulletin) -> dict[str, Any]:
    spent, covered = millimes(item["amount"]), millimes(item["reimbursed"])
    odd = bulletin["id"] % 2
    return {
        "nomProduit": item["label"],
        "nomChapitre": item["code"],
        "nomPrestataire": item["provider"],
        "quantite": 1 if odd else "1",
        "datePrestation": bulletin["careDate"],
        "depense": _money(spent, bulletin["id"]),
        "pec": _money(covered, bulletin["id"]),
        "participationAdherent": _money(spent - covered, bulletin["id"]),
        "codeMessage": "",
        "message": "",
    }


def _money(amount: int, bulletin_id: int) -> Any:
    """Text in every second bulletin, a JSON number in the others."""
    return as_number(dinars(amount)) if bulletin_id % 2 else dinars(amount)
