"""A whole pull: claim, page after page with no transaction open over a call, and the end that fits.

Killed between two pages it repeats at most one; a second puller finds the lease taken; one that was
paused past its lease finds itself fenced and writes nothing.
"""

from __future__ import annotations

import contextlib
import time

from webapp.core.collecting import seldom_collected
from webapp.core.errors import AppError, RemoteError
from webapp.sync import runs
from webapp.sync.connections import Sleep
from webapp.sync.leases import Fenced
from webapp.sync.pull import ending
from webapp.sync.pull.opening import open_run
from webapp.sync.pull.pulling import GivesWay, Pulling, Stopped

MOST_PAGES = 200


def pull(
    connection_id: int,
    *,
    trigger: str = "schedule",
    sleep: Sleep = time.sleep,
    most_pages: int = MOST_PAGES,
) -> str | None:
    """The state in which the run ended: ok, partial, failed or cancelled. None: there was nothing to do."""
    try:
        opened = open_run(connection_id, trigger=trigger)
    except AppError as error:
        ending.unreadable(connection_id, error)
        return runs.FAILED
    if opened is None:
        return None
    pulling = Pulling(opened, sleep=sleep, most_pages=most_pages)
    try:
        drained = False
        with contextlib.suppress(GivesWay), seldom_collected():
            drained = pulling.walk()
        if not drained:
            return ending.partial(opened, pulling.cursor, road=pulling.breaker)
        return ending.ok(opened, pulling.cursor, warnings=sorted(pulling.warnings))
    except Fenced:
        return ending.cancelled(opened)
    except (RemoteError, Stopped) as error:
        return ending.failed(opened, pulling.cursor, error, road=pulling.breaker)
    except Exception as error:
        ending.broken(opened, pulling.cursor, error)
        raise
