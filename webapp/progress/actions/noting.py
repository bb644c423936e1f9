"""What people do and see of themselves in their own feed."""

from __future__ import annotations

from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import Fact


def note_activity(event: Event, fact: Fact) -> None:
    """The reaction: the fact stands in the feed of the person whose it is."""
    from webapp.progress import told  # here: answers to tickets, too, are looked at for it
    from webapp.progress.models import Activity

    line = told.line_of(event, fact)
    if line is not None:
        db.session().add(
            Activity(
                user_id=line.user_id, type=line.type, title=line.title, link=line.link, at=event.at
            )
        )
