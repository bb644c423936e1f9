from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Keyed


class AssignmentRule(Keyed, Base):
    """Which new tickets go to whom. An empty condition fits all; the first rule that fits takes the ticket."""

    __tablename__ = "assignment_rule"

    position: Mapped[int]
    category: Mapped[str] = mapped_column(String(200), default="")
    barangay: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(30), default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    # The team's member with the fewest unfinished tickets.
    least_busy: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
