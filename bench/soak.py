"""Both sides work, a fifth of all calls go wrong, real workers are killed -9 again and again; then all must be in step.

    python bench/soak.py --seconds 600 --records 50000
    python bench/soak.py --database postgresql://…/postgres

Upstream, Redis, workers and scheduler are real; the desk's people press `Sync now` and `Retry` as people do. At the
end the upstream is well, everything comes to rest, and the invariants of sync.md section 3 are read from SQL. Prints
one JSON line; exits 1 where an invariant does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.desk import SCHEDULER, WORKER, Processes, own_desk
from bench.weather import Chance
from webapp.demo.mynaga.app import MyNaga, create_app
from webapp.demo.mynaga.reports import Reports
from webapp.demo.serving import server_for
from webapp.demo.shelf import Shelf


def main() -> None:
    options = _options()
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-soak-"))
        processes = parts.enter_context(own_desk(folder, options.database))
        os.environ.update(processes.environ)
        found = soak(options, processes)
    print(json.dumps(found), flush=True)
    sys.exit(1 if found["broken"] else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--kill-every", type=float, default=30, help="seconds")
    parser.add_argument(
        "--rest", type=float, default=900, help="seconds in which all must come to rest"
    )
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite by default")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def soak(options: argparse.Namespace, processes: Processes) -> dict[str, Any]:
    """The desk's modules are imported only here, since they read their settings from the environment."""
    from bench.crowd import Crowd
    from bench.people import Amihan
    from bench.verdict import come_to_rest, verdict

    troubles = Chance(random.Random(options.seed + 1))
    reports = Reports(Shelf(), seed=options.seed)
    reports.fill(options.records)
    server = server_for(create_app(MyNaga(reports, troubles=troubles)), troubles)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    amihan = Amihan()
    connection_id = amihan.connects("Soak", f"http://127.0.0.1:{server.server_port}")
    processes.start("scheduler", *SCHEDULER)
    processes.start("worker", *WORKER)
    troubles.on = True
    crowd = Crowd(amihan, reports, connection_id, dice=random.Random(options.seed))
    crowd.begin()
    _kill_on_schedule(options, processes, crowd)
    troubles.on = False
    crowd.end()
    started = time.monotonic()
    rested = come_to_rest(crowd, within=options.rest)
    return {
        "bench": "soak",
        "database": amihan.dialect,
        "seconds": options.seconds,
        "rest_seconds": round(time.monotonic() - started),
        "faults": dict(troubles.met),
        **verdict(crowd, rested=rested),
    }


def _kill_on_schedule(options: argparse.Namespace, processes: Processes, crowd: Any) -> None:
    end = time.monotonic() + options.seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, options.kill_every))
        processes.kill("worker")
        crowd.counted["kills"] += 1
        processes.start("worker", *WORKER)


if __name__ == "__main__":
    main()
