"""Readings of the devices that take notifications."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.core import db
from webapp.push.models import PushDevice


def devices_of(user_id: int) -> Sequence[PushDevice]:
    """Newest first."""
    query = select(PushDevice).where(PushDevice.user_id == user_id).order_by(PushDevice.id.desc())
    return db.session().scalars(query).all()


def devices_to_tell(user_id: int) -> Sequence[PushDevice]:
    """None of somebody whose account is closed."""
    query = (
        select(PushDevice)
        .join(User, User.id == PushDevice.user_id)
        .where(PushDevice.user_id == user_id, User.active.is_(True))
        .order_by(PushDevice.id)
    )
    return db.session().scalars(query).all()


def find_device(user_id: int, device_id: int) -> PushDevice | None:
    """The person's own one."""
    query = select(PushDevice).where(PushDevice.user_id == user_id, PushDevice.id == device_id)
    return db.session().scalars(query).first()
