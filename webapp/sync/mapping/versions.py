"""Reading the versions of a connection's mapping."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from webapp.core import db
from webapp.sync.mapping.models import DeclarationVersion

MOST = 100


def versions_of(connection_id: int) -> Sequence[DeclarationVersion]:
    """The newest first."""
    query = (
        select(DeclarationVersion)
        .where(DeclarationVersion.connection_id == connection_id)
        .order_by(DeclarationVersion.n.desc())
        .limit(MOST)
    )
    return db.session().scalars(query).all()
