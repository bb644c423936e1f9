"""Logs: one line per fact, on stderr, as key=value. No personal data, no secrets: we log ids and kinds."""

from __future__ import annotations

import logging

import structlog


def configure(level: str) -> None:
    """Send structlog and the standard library's loggers the same way. `level`: DEBUG, INFO, WARNING, ERROR."""
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(
                    key_order=["timestamp", "level", "logger", "event"]
                ),
            ],
        )
    )
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
            dsn=dsn, send_default_pii=False, max_request_body_size="never", traces_sample_rate=0
        )
