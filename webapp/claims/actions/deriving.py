"""A bordereau's status follows its bulletins'."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from webapp.claims.events import BordereauStatusChanged
from webapp.claims.models import Bordereau, Bulletin
from webapp.claims.states import CLOSED, bordereau_status
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor


def settle_bordereau(
    bordereau: Bordereau, *, actor: Actor, wanted: str | None = None
) -> Event | None:
    """Bring the status in line with the bulletins; `wanted`: an own step, or what the upstream says.

    None when it stays as it is. What a person's deed brought about makes the status ours.
    """
    session = db.session()
    session.flush()
    # Two people who decide its last two bulletins at the same moment each see the other's decision.
    session.refresh(bordereau, with_for_update=True)
    statuses = session.scalars(
        select(Bulletin.status).where(Bulletin.bordereau_id == bordereau.id).distinct()
    ).all()
    new = bordereau_status(wanted or bordereau.status, statuses)
    if new == bordereau.status:
        return None
    old, now = bordereau.status, clock.now()
    bordereau.status, bordereau.updated_at = new, now
    bordereau.closed_at = now if new == CLOSED else None
    if actor.is_person:
        bordereau.status_is_ours = True
    session.flush()
    fact = BordereauStatusChanged(
        subject_id=bordereau.id, ref=bordereau.reference, old=old, new=new, derived=wanted is None
    )
    return record(fact, actor=actor)


def settle_bordereaux(ids: Collection[int], *, actor: Actor) -> None:
    """`settle_bordereau` for each of these, locked in the order of their keys."""
    found = db.session().scalars(
        select(Bordereau).where(Bordereau.id.in_(ids)).order_by(Bordereau.id).with_for_update()
    )
    for bordereau in found.all():
        settle_bordereau(bordereau, actor=actor)
