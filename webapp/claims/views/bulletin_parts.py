"""The parts of a bulletin's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, url_for
from markupsafe import Markup

from webapp.accounts.guards import viewer
from webapp.accounts.queries import find_name
from webapp.accounts.roles import Permission
from webapp.claims import guards, queries, totals, words
from webapp.claims.models import Bulletin, BulletinFile, Payment
from webapp.claims.states import BULLETIN_MOVES, REJECTED, REJECTIONS
from webapp.claims.views.parts import drawn
from webapp.events.queries import history_of
from webapp.tickets.views.intake import Shown

HISTORY_SHOWN = 200


def part(name: str, bulletin: Bulletin, **more: Any) -> Markup:
    """The partial claims/bulletin/_<name>.html; `more`: what it shows differently this time."""
    src = url_for("claims.bulletin_part", bulletin_id=bulletin.id, part=name)
    values = {"bulletin": bulletin, "src": src, **PARTS[name](bulletin), **more}
    return drawn(f"claims/bulletin/_{name}.html", values)


def parts_of(bulletin: Bulletin, *names: str) -> dict[str, Markup]:
    return {name: part(name, bulletin) for name in names}


def _head(bulletin: Bulletin) -> dict[str, Any]:
    return {"flags": queries.flags_of([bulletin])[bulletin.id]}


def _decision(bulletin: Bulletin) -> dict[str, Any]:
    """What may be done now, and why not."""
    may_work = viewer().may(Permission.CLAIMS_WORK)
    held = next((each for each in _payments_once(bulletin) if each.state != REJECTED), None)
    return {
        "may_work": may_work,
        "held": held,
        "held_url": _batch_url(held) if held else "",
        "moves": BULLETIN_MOVES[bulletin.status] if may_work and held is None else (),
        "validated_by": find_name(bulletin.validated_by_id),
        "reasons": [(code, words.rejection_word(code)) for code in REJECTIONS],
        "moved": False,
        "typed": {},
        "errors": {},
        "conflict": "",
    }


def _facts(_bulletin: Bulletin) -> dict[str, Any]:
    return {}


def _items(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "items": bulletin.items,
        "off_by": totals.mismatch(bulletin.total, bulletin.items_total),
    }


def _notes(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "notes": queries.notes_of(bulletin),
        "files": queries.files_of(bulletin),
        "file_url": lambda file, **how: _file_url(bulletin, file, **how),
    }


def _payments(bulletin: Bulletin) -> dict[str, Any]:
    return {"payments": [(each, _batch_url(each)) for each in _payments_once(bulletin)]}


def _history(bulletin: Bulletin) -> dict[str, Any]:
    events = history_of("bulletin", bulletin.id, limit=HISTORY_SHOWN)
    return {"events": list(reversed(events))}


def _composer(_bulletin: Bulletin) -> dict[str, Any]:
    return {
        "may_work": viewer().may(Permission.CLAIMS_WORK),
        "form": Shown.fresh(),
        "saved": False,
    }


def _payments_once(bulletin: Bulletin) -> list[Payment]:
    """Two parts of one page tell of them."""
    known: dict[tuple[int, int], list[Payment]] = g.setdefault("claims_payments", {})
    key = (bulletin.id, bulletin.version)
    if key not in known:
        known[key] = list(queries.payments_of(bulletin))
    return known[key]


def _batch_url(payment: Payment) -> str:
    return guards.address("claims.show_payment", ref=payment.batch.ref)


def _file_url(bulletin: Bulletin, file: BulletinFile, **how: Any) -> str:
    return url_for("claims.bulletin_file", bulletin_id=bulletin.id, file_id=file.id, **how)


PARTS: dict[str, Callable[[Bulletin], dict[str, Any]]] = {
    "head": _head,
    "decision": _decision,
    "facts": _facts,
    "items": _items,
    "notes": _notes,
    "payments": _payments,
    "history": _history,
    "composer": _composer,
}
LIVE = ("head", "decision", "facts", "items", "notes", "payments", "history")
