"""What follows from facts of `webapp.imports`."""

from __future__ import annotations

from webapp.events import record
from webapp.imports import events as imports
from webapp.notifications import telling
from webapp.realtime import reactions as pages

REACTIONS: record.Reactions = {
    imports.ImportDone: (telling.tell, pages.show_activity),
    **dict.fromkeys((imports.ImportStarted, imports.ImportUndone), (pages.show_activity,)),
}
