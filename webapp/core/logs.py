"""Logs: one line per fact, on stderr, as key=value. No personal data, no secrets: we log ids and kinds."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime


class KeyValues(logging.Formatter):
    """`timestamp='…' level='…' logger='…' event='…'`, and the `trace` of what went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat()
        pairs = {
            "timestamp": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1]:
            # Not what it was raised from: that one's words may hold an address with its key.
            trace = traceback.format_exception(record.exc_info[1], chain=False)
            pairs["trace"] = "".join(trace).strip()
        return " ".join(f"{key}={value!r}" for key, value in pairs.items())


def configure(level: str) -> None:
    """Send every logger the same way. `level`: DEBUG, INFO, WARNING, ERROR."""
    handler = logging.StreamHandler()
    handler.setFormatter(KeyValues())
    root = logging.getLogger()
    root.handlers[:] = [
        handler,
        *(h for h in root.handlers if type(h).__name__ == "LogCaptureHandler"),
    ]
    root.setLevel(level)
    # httpx logs whole addresses, which may carry a key in the query.
    for noisy in ("httpx", "httpcore", "rq.worker", "rq.queue", "rq_scheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def report_errors_to(dsn: str) -> None:
    """Send unhandled errors to Sentry when there is a DSN, without personal data or request bodies."""
    if dsn:
        import sentry_sdk

        sentry_sdk.init(
            dsn=dsn,
            send_default_pii=False,
            max_request_body_size="never",
            traces_sample_rate=0,
            ignore_errors=[StopIteration],  # how a live stream leaves gunicorn
        )
