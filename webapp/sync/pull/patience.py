"""Whether a call that stumbled is made again in the same run, and after how long."""

from __future__ import annotations

import random

from webapp.core.errors import RemoteError

RETRY_WAITS_S = (1.0, 4.0, 15.0)
RETRIED = ("network", "timeout", "server")
LONGEST_POLITE_WAIT_S = 5.0  # a longer Retry-After ends the run, and the next one obeys it


def pause_before(error: RemoteError, wait: float | None) -> float | None:
    """Seconds until the call is made again; None: it is not."""
    asked = error.retry_after or 0.0
    if wait is None or error.kind not in RETRIED or asked > LONGEST_POLITE_WAIT_S:
        return None
    return max(wait * random.uniform(0.8, 1.2), asked)
