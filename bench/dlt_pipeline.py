"""The same reports read by dlt, for `bench/pull.py --dlt`: run by the Python of an environment that has dlt.

    DATABASE_URL=… python bench/dlt_pipeline.py UPSTREAM ROUND FOLDER

As its own documentation sets it up: a resource with a primary key, merged into the destination. Prints one JSON line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.helpers import requests

SIZE = 500


@dlt.resource(name="reports", primary_key="id", write_disposition="merge")
def reports(upstream: str, since: str | None) -> Iterator[list[dict[str, Any]]]:
    """Every page once."""
    cursor = None
    while True:
        asked = {"limit": str(SIZE), "cursor": cursor, "updatedSince": since}
        page = requests.get(
            f"{upstream}/api/v1/reports", params={k: v for k, v in asked.items() if v}
        ).json()
        yield page["data"]
        cursor = page["nextCursor"]
        if cursor is None:
            return


def main() -> None:
    upstream, name, folder = sys.argv[1:]
    since = "2026-01-01T00:00:00+00:00" if name == "one_percent" else None
    pipeline = dlt.pipeline(
        "reports",
        pipelines_dir=f"{folder}/dlt",
        destination=_destination(os.environ["DATABASE_URL"]),
        dataset_name="reports" if os.environ["DATABASE_URL"].startswith("postgresql") else "main",
    )
    cpu = time.process_time()
    pipeline.run(reports(upstream, since))
    used = time.process_time() - cpu
    counts = pipeline.last_trace.last_normalize_info.row_counts
    print(
        json.dumps(
            {"cpu": round(used, 2), "fetched": counts["reports"], "peak_mb": round(_peak_mb(), 1)}
        )
    )


def _destination(database: str) -> Any:
    if database.startswith("postgresql"):
        user, at, rest = database.partition("@")
        if at and ":" not in user.partition("://")[2]:
            user += ":none"  # it asks for a password, even where the server does not
        return dlt.destinations.postgres(user + at + rest)
    return dlt.destinations.sqlalchemy(database)


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
