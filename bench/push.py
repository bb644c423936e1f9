"""From a click to the upstream: how long until it has received the PATCH, and until the delivery is `sent`.

    python bench/push.py
    python bench/push.py --hanging 10        as many more connections that hang at each call, and a big pull going on
    python bench/push.py --database postgresql://…/postgres

Upstream, Redis, web, worker and scheduler are real processes and sockets; an agent signs in and sets the status of one
linked ticket after another, by the request that a browser makes. Prints one JSON line; exits 1 where a median is above
--most seconds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.desk import SCHEDULER, WORKER, own_desk, own_upstream, start_web

OTHERS = 8  # tickets of each connection that hangs
PULL_EVERY = 4  # clicks
LONGEST_S = 180.0  # then it never came


def main() -> None:
    options = _options()
    with ExitStack() as parts:
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="tulay-push-"))
        processes = parts.enter_context(own_desk(folder, options.database))
        os.environ.update(processes.environ)
        found = Bench(options).run(processes, parts)
    print(json.dumps(found), flush=True)
    sys.exit(1 if max(found["arrived_s"]["p50"], found["sent_s"]["p50"]) > options.most else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--warm", type=int, default=3, help="clicks before the first that counts")
    parser.add_argument("--hanging", type=int, default=0, help="connections that hang all the time")
    parser.add_argument(
        "--hang-seconds", type=float, default=14, help="at each call; then it answers"
    )
    parser.add_argument("--big", type=int, default=100_000, help="records of the big pull")
    parser.add_argument("--most", type=float, default=2.0, help="seconds, for the medians")
    parser.add_argument("--database", default="", help="a PostgreSQL server; SQLite by default")
    return parser.parse_args()


class Bench:
    """Imports the desk only here, since it reads its settings from the environment."""

    def __init__(self, options: argparse.Namespace) -> None:
        from bench.people import Amihan
        from bench.watched import watched

        self.options, self.amihan, self.watched = options, Amihan(), watched

    def run(self, processes, parts: ExitStack) -> dict:  # type: ignore[no-untyped-def, type-arg]
        from bench.people import Agent

        naga = parts.enter_context(self.watched(self.options.clicks + self.options.warm))
        healthy = self.amihan.connects("Naga", naga.url)
        processes.start("scheduler", *SCHEDULER)
        processes.start("worker", *WORKER)
        port = start_web(processes)
        agent = Agent(port, *self.amihan.hires("agent"))
        self.amihan.waits_for_pull(healthy)
        trouble: dict[str, object] = {}
        if self.options.hanging:
            other = Agent(port, *self.amihan.hires("agent"))
            trouble = parts.enter_context(self.in_trouble(other))
        measured = self.measure(agent, naga, healthy)
        return {
            "bench": "push",
            "database": self.amihan.dialect,
            "clicks": self.options.clicks,
            "hanging": self.options.hanging,
            **{name: spread(times) for name, times in measured.items()},
            **{name: value() if callable(value) else value for name, value in trouble.items()},
        }

    def measure(self, agent, naga, healthy: int) -> dict[str, list[float]]:  # type: ignore[no-untyped-def]
        """Seconds of each click: to its answer, to the PATCH at the upstream, to `sent`; and of some pulls."""
        found: dict[str, list[float]] = {
            n: [] for n in ("answer_s", "arrived_s", "sent_s", "pull_s")
        }
        for number, report_id in enumerate(naga.ids):
            ref = self.amihan.ref_of(healthy, report_id)
            form = agent.opens(ref)
            started = time.monotonic()
            agent.sets(ref, "resolved", form)
            times = {"answer_s": time.monotonic() - started}
            times["arrived_s"] = naga.troubles.wait_for(report_id, seconds=LONGEST_S) - started
            self._wait_until_sent(ref)
            times["sent_s"] = time.monotonic() - started
            if number % PULL_EVERY == 0:
                times["pull_s"] = self._pull(healthy)
            print(number, {n: round(v, 2) for n, v in times.items()}, file=sys.stderr, flush=True)
            if number >= self.options.warm:
                for name, value in times.items():
                    found[name].append(value)
        return found

    def _wait_until_sent(self, ref: str) -> None:
        from bench.people import until

        until(lambda: self.amihan.newest_state(ref) == "sent", seconds=LONGEST_S)

    def _pull(self, connection_id: int) -> float:
        last, started = self.amihan.last_success(connection_id), time.monotonic()
        self.amihan.syncs(connection_id)
        self.amihan.waits_for_pull(connection_id, since=last)
        return time.monotonic() - started

    @contextmanager
    def in_trouble(self, agent) -> Iterator[dict[str, object]]:  # type: ignore[no-untyped-def]
        """Connections that hang, with people who go on clicking and syncing there, and a big pull beside them."""
        with ExitStack() as parts:
            hanging = [
                parts.enter_context(self.watched(OTHERS)) for _ in range(self.options.hanging)
            ]
            ids = [self.amihan.connects(f"Hangs {n}", each.url) for n, each in enumerate(hanging)]
            for each in ids:
                self.amihan.waits_for_pull(each)
            refs = [
                [self.amihan.ref_of(made, report) for report in each.ids]
                for made, each in zip(ids, hanging, strict=True)
            ]
            for each in hanging:
                each.troubles.set("slow", seconds=self.options.hang_seconds)
            before = sum(each.troubles.calls for each in hanging)
            big = self.amihan.connects("Big", parts.enter_context(own_upstream(self.options.big)))
            over = threading.Event()
            turn = [ref for nth in zip(*refs, strict=True) for ref in nth]
            work = [
                threading.Thread(target=self._click_on, args=(agent, turn, over), daemon=True),
                threading.Thread(target=self._sync_on, args=(ids, over), daemon=True),
            ]
            for each in work:
                each.start()
            time.sleep(3)
            at_first = self.amihan.links(big)
            parts.callback(over.set)
            yield {
                "hung_calls": lambda: sum(each.troubles.calls for each in hanging) - before,
                "big_pull": lambda: [at_first, self.amihan.links(big), self.options.big],
            }
            over.set()
            for each in work:
                each.join(60)

    def _click_on(self, agent, refs: Sequence[str], over: threading.Event) -> None:  # type: ignore[no-untyped-def]
        statuses = itertools.cycle(("resolved", "in_progress"))
        while True:
            status = next(statuses)
            for ref in refs:
                agent.sets(ref, status, agent.opens(ref))
                if over.wait(0.1):
                    return

    def _sync_on(self, ids: Sequence[int], over: threading.Event) -> None:
        from webapp.core.errors import Conflict

        while not over.wait(2):
            for each in ids:
                try:
                    self.amihan.syncs(each)
                except Conflict:  # paused meanwhile
                    continue


def spread(times: Sequence[float]) -> dict[str, float]:
    """Median, 90th of a hundred and the worst."""
    found = sorted(times)
    at = {"p50": len(found) // 2, "p90": int(len(found) * 0.9), "max": -1}
    return {name: round(found[place], 3) for name, place in at.items()}


if __name__ == "__main__":
    main()
