"""What a list of many records is about, in words: what would happen, what has happened, and some of them by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webapp.core import db
from webapp.outbox import many
from webapp.outbox.models import Delivery
from webapp.sync.reconcile import repairing
from webapp.sync.reconcile.models import Drift
from webapp.sync.replaying import QUARANTINE, VALUES
from webapp.tickets.words import field_name

Sample = Sequence[tuple[str, str]]  # (text, address or "")


@dataclass(frozen=True)
class Words:
    """`would`, `did`: number → sentence. `button`: what starts it."""

    would: Callable[[int], str]
    did: Callable[[int], str]
    button: str
    dangerous: bool = False


def words_of(kind: str) -> Words:
    found = _deliveries(kind) or _repairs(kind)
    return found or Words(
        lambda n: ngettext(
            "%(num)s record would be read again.", "%(num)s records would be read again.", n
        ),
        lambda n: ngettext("%(num)s record was read again.", "%(num)s records were read again.", n),
        _("Read them again"),
    )


def sample(kind: str, ids: Sequence[int]) -> Sample:
    if kind in (many.RETRY, many.CANCEL):
        return _named_deliveries(ids)
    return [] if kind in (VALUES, QUARANTINE) else _named_drift(ids)


def _deliveries(kind: str) -> Words | None:
    if kind == many.RETRY:
        return Words(
            lambda n: ngettext(
                "%(num)s delivery would be sent.", "%(num)s deliveries would be sent.", n
            ),
            lambda n: ngettext(
                "%(num)s delivery is being sent again.",
                "%(num)s deliveries are being sent again.",
                n,
            ),
            _("Send them"),
        )
    if kind == many.CANCEL:
        return Words(
            lambda n: ngettext(
                "%(num)s delivery would be cancelled.", "%(num)s deliveries would be cancelled.", n
            ),
            lambda n: ngettext(
                "%(num)s delivery is cancelled.", "%(num)s deliveries are cancelled.", n
            ),
            _("Cancel them"),
            dangerous=True,
        )
    return None


def _repairs(kind: str) -> Words | None:
    would = {
        repairing.TAKE: lambda n: ngettext(
            "Their value would be taken %(num)s time.",
            "Their value would be taken %(num)s times.",
            n,
        ),
        repairing.PUSH: lambda n: ngettext(
            "Our value would be kept %(num)s time, and sent.",
            "Our value would be kept %(num)s times, and sent.",
            n,
        ),
        repairing.BRING: lambda n: ngettext(
            "%(num)s record would become a ticket.", "%(num)s records would become tickets.", n
        ),
        repairing.GONE: lambda n: ngettext(
            "%(num)s ticket would be marked as gone there.",
            "%(num)s tickets would be marked as gone there.",
            n,
        ),
    }.get(kind)
    if would is None:
        return None
    return Words(
        would,
        lambda n: ngettext(
            "%(num)s difference is repaired.", "%(num)s differences are repaired.", n
        ),
        _("Repair them"),
    )


def _named_deliveries(ids: Sequence[int]) -> Sample:
    rows = db.session().execute(
        select(Delivery.id, Delivery.summary).where(Delivery.id.in_(ids)).order_by(Delivery.id)
    )
    return [(text, url_for("admin.show_delivery", delivery_id=number)) for number, text in rows]


def _named_drift(ids: Sequence[int]) -> Sample:
    rows = db.session().scalars(select(Drift).where(Drift.id.in_(ids)).order_by(Drift.id))
    return [(_drift_words(row), "") for row in rows]


def _drift_words(row: Drift) -> str:
    if row.kind != "field":
        return row.external_id
    name = _("Status") if row.field == "status" else field_name(row.field)
    return _(
        "%(id)s, %(field)s: ours “%(ours)s”, theirs “%(theirs)s”",
        id=row.external_id,
        field=name,
        ours=_short(row.ours),
        theirs=_short(row.theirs),
    )


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
