from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.core.db import Base, BigInt, Keyed, Versioned


class ListChoice(Base):
    """What a person chose for the list of tickets. Who chose nothing has no row."""

    __tablename__ = "ticket_list_choice"

    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    columns: Mapped[list[Any]] = mapped_column(
        default=list
    )  # names of lists.columns, in their order


class SavedView(Keyed, Versioned, Base):
    """A list that somebody wants to find again: filters and order as they stand in the address.

    `shared`: everybody who sees tickets has it. `role`: what /tickets shows to this role.
    """

    __tablename__ = "saved_view"

    owner_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]]
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    role: Mapped[str | None] = mapped_column(String(20), unique=True)
    created_at: Mapped[datetime]

    owner: Mapped[User] = relationship()
