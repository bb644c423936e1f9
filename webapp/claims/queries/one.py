"""One bordereau or bulletin, as the person asking may see it, and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.claims.models import Bordereau, Bulletin, BulletinFile, BulletinNote, Payment
from webapp.core import db
from webapp.core.errors import NotFound


def bordereau_for(user: User, bordereau_id: int, *, lock: bool = False) -> Bordereau:
    """Raises NotFound, also for those who may not see claims. `lock`: nobody else changes it now."""
    found = None
    if user.may(Permission.CLAIMS_SEE):
        query = select(Bordereau).where(Bordereau.id == bordereau_id)
        ways = (joinedload(Bordereau.client), joinedload(Bordereau.contract))
        found = db.session().scalar(query.with_for_update() if lock else query.options(*ways))
    if found is None:
        raise NotFound(gettext("There is no such bordereau, or you may not see it."))
    return found


def bulletin_for(user: User, bulletin_id: int, *, lock: bool = False) -> Bulletin:
    """As `bordereau_for`."""
    found = None
    if user.may(Permission.CLAIMS_SEE):
        query = select(Bulletin).where(Bulletin.id == bulletin_id)
        ways = (
            joinedload(Bulletin.client),
            joinedload(Bulletin.bordereau).joinedload(Bordereau.contract),
        )
        found = db.session().scalar(query.with_for_update() if lock else query.options(*ways))
    if found is None:
        raise NotFound(gettext("There is no such bulletin, or you may not see it."))
    return found


def notes_of(bulletin: Bulletin) -> Sequence[BulletinNote]:
    """Oldest first."""
    query = select(BulletinNote).where(BulletinNote.bulletin_id == bulletin.id)
    return db.session().scalars(query.order_by(BulletinNote.id)).all()


def files_of(bulletin: Bulletin) -> Sequence[BulletinFile]:
    query = select(BulletinFile).where(BulletinFile.bulletin_id == bulletin.id)
    return db.session().scalars(query.order_by(BulletinFile.id)).all()


def file_for(bulletin: Bulletin, file_id: int) -> BulletinFile:
    """A file of a bulletin that was already looked up. Raises NotFound for another bulletin's."""
    found = db.session().scalar(
        select(BulletinFile).where(
            BulletinFile.id == file_id, BulletinFile.bulletin_id == bulletin.id
        )
    )
    if found is None:
        raise NotFound(gettext("There is no such file."))
    return found


def payments_of(bulletin: Bulletin) -> Sequence[Payment]:
    """Its payments with their batches, the newest first: at most one of them is live."""
    query = (
        select(Payment)
        .where(Payment.bulletin_id == bulletin.id)
        .options(joinedload(Payment.batch))
        .order_by(Payment.id.desc())
    )
    return db.session().scalars(query).all()
