"""Takes the rules of the sync away one at a time and shows which test notices (`make mutants`). Exits 1 if none does.

python bench/mutants.py            all of them
python bench/mutants.py fencing    those whose name contains the word
python bench/mutants.py --markdown the table for docs/proof.md
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
SYNC, OUTBOX = "webapp/sync", "webapp/outbox"
REGRESSIONS, FENCING = "tests/proof/test_regressions.py", "tests/proof/test_fencing.py"
FAILPOINTS, SECRETS = "tests/proof/test_failpoints.py", "tests/proof/test_secrets.py"
PUSH, QUEUE, DRAIN = (
    "tests/sync/test_push.py",
    "tests/outbox/test_queue.py",
    "tests/outbox/test_drain.py",
)
PARTS = (
    "webapp",
    "tests",
    "templates",
    "static",
    "migrations",
    "bench",
    "docs",
    "pyproject.toml",
    "worker.py",
)


@dataclass(frozen=True)
class Mutant:
    """In `file`, `old` (which must be there once) becomes `new`; `tests` must then fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "overlap 0",
        f"{SYNC}/pull/opening.py",
        "timedelta(minutes=connection.overlap_minutes)",
        "timedelta(0)",
        (REGRESSIONS,),
    ),
    Mutant(
        "equal times count as older (>= → >)",
        f"{SYNC}/merge.py",
        "return updated_at < seen.updated_at",
        "return updated_at <= seen.updated_at",
        (REGRESSIONS,),
    ),
    Mutant(
        "strictly after the watermark (>= → >)",
        f"{SYNC}/pull/opening.py",
        "since -= SWEEP if is_first_today else timedelta(minutes=connection.overlap_minutes)",
        "since += timedelta(milliseconds=1)",
        (REGRESSIONS,),
    ),
    Mutant(
        "no push-sequence guard",
        f"{SYNC}/merge.py",
        "if seen.in_flight or seq <= seen.pushed_seq:",
        "if seen.in_flight:",
        (REGRESSIONS,),
    ),
    Mutant(
        "push-sequence guard one page short (<= → <)",
        f"{SYNC}/merge.py",
        "seq <= seen.pushed_seq",
        "seq < seen.pushed_seq",
        (REGRESSIONS,),
    ),
    Mutant(
        "a push under way is not respected",
        f"{SYNC}/merge.py",
        "if seen.in_flight or seq",
        "if seq",
        ("tests/sync/test_guards.py", "tests/unit/sync/test_merge.py"),
    ),
    Mutant(
        "an older page may follow a newer one",
        f"{SYNC}/merge.py",
        "if seq < seen.applied_seq or _is_older",
        "if _is_older",
        ("tests/unit/sync/test_merge.py",),
    ),
    Mutant(
        "no sent-values rule",
        f"{SYNC}/merge.py",
        "if remote in sent:",
        "if False:",
        (REGRESSIONS, "tests/unit/sync"),
    ),
    Mutant(
        "upstream always wins (pull overwrites local)",
        f"{SYNC}/merge.py",
        "if remote == base:\n        return Merged(take=False, base=base)",
        "if remote == base:\n        return Merged(take=True, base=base)",
        (REGRESSIONS,),
    ),
    Mutant(
        "deferred rows are forgotten",
        f"{SYNC}/pull/changing.py",
        ".values(reread=True)",
        ".values(reread=False)",
        (REGRESSIONS, "tests/sync/test_guards.py"),
    ),
    Mutant(
        "the same hash, whatever came",
        f"{SYNC}/pull/page.py",
        "link.payload_hash == row.hash and ",
        "",
        (REGRESSIONS,),
    ),
    Mutant(
        "no fencing of a page's writes",
        f"{SYNC}/leases.py",
        ".where(Connection.id == connection_id, Connection.lease_token == token, *conditions)",
        ".where(Connection.id == connection_id, *conditions)",
        (FENCING,),
    ),
    Mutant(
        "no fencing when a delivery is closed",
        f"{OUTBOX}/deliver.py",
        ".where(Delivery.id == sending.delivery_id, Delivery.lease_token == sending.lease_token)",
        ".where(Delivery.id == sending.delivery_id)",
        (FENCING,),
    ),
    Mutant(
        "a lease is taken from its holder",
        f"{SYNC}/leases.py",
        "or_(Connection.lease_token.is_(None), Connection.lease_until <= now),",
        "",
        (REGRESSIONS,),
    ),
    Mutant(
        "no unique link of a record",
        f"{SYNC}/models.py",
        'UniqueConstraint("connection_id", "kind", "external_id"),',
        "",
        (REGRESSIONS,),
    ),
    Mutant(
        "watermark from our clock",
        f"{SYNC}/pull/cursor.py",
        "reached = min(self.newest, self.until)",
        "reached = self.until",
        (REGRESSIONS,),
    ),
    Mutant(
        "a failed run moves the watermark",
        f"{SYNC}/pull/ending.py",
        'values: dict[str, Any] = {"failures": failures}',
        'values: dict[str, Any] = {"failures": failures, "watermark": cursor.watermark(opened.watermark)}',
        (REGRESSIONS,),
    ),
    Mutant(
        "the place is not saved with its page",
        f"{SYNC}/pull/loop.py",
        'values: dict[str, Any] = {"cursor": cursor.to_json(), "fetch_seq"',
        'values: dict[str, Any] = {"fetch_seq"',
        (REGRESSIONS,),
    ),
    Mutant(
        "attempted deliveries are coalesced",
        f"{OUTBOX}/queue.py",
        "            ~select(Attempt.id).where(Attempt.delivery_id == delivery.id).exists(),\n",
        "",
        (QUEUE, PUSH, REGRESSIONS),
    ),
    Mutant(
        "no order within a lane",
        f"{OUTBOX}/lanes.py",
        "        ~before_it,\n",
        "",
        (DRAIN,),
    ),
    Mutant(
        "no reading back after a lost answer",
        f"{SYNC}/push/calling.py",
        "    if call.unsure:",
        "    if False:",
        (PUSH,),
    ),
    Mutant(
        "an answer nobody can read is believed",
        f"{SYNC}/push/calling.py",
        "    if not pushed.how:",
        "    if True:",
        (REGRESSIONS,),
    ),
    Mutant(
        "our own echo is sent back",
        f"{SYNC}/push/queueing.py",
        'if event.actor_kind == "connection" and event.actor_id == connection.id:',
        "if False:",
        (PUSH,),
    ),
    Mutant(
        "an interrupted attempt counts as without effect",
        f"{OUTBOX}/outcomes.py",
        "            attempt.ambiguous = True\n",
        "            attempt.ambiguous = False\n",
        (DRAIN, FAILPOINTS),
    ),
    Mutant(
        "a lease that ran out is never released",
        f"{OUTBOX}/claim.py",
        "lease_until=now + LEASE, not_before=now + LEASE",
        "lease_until=now + LEASE, not_before=now + 1000 * LEASE",
        (FAILPOINTS,),
    ),
    Mutant(
        "a token that an upstream repeats is kept",
        f"{SYNC}/connectors/calling.py",
        "response = self._without_secret(self.client.send(request, check=False))",
        "response = self.client.send(request, check=False)",
        (SECRETS,),
    ),
)


def main() -> None:
    options = _options()
    chosen = [
        replace(each, tests=tuple(options.tests) or each.tests)
        for each in MUTANTS
        if options.word in each.name
    ]
    survived = []
    with tempfile.TemporaryDirectory(prefix="tulay-mutants-") as folder:
        tree = _copied(Path(folder))
        _check_sound(tree, chosen)
        if options.markdown:
            print("| taken away | noticed by | after |\n|---|---|---|")
        for mutant in chosen:
            started = time.monotonic()
            killer = _killer(tree, mutant)
            if killer is None:
                survived.append(mutant.name)
            _say(mutant, killer, time.monotonic() - started, markdown=options.markdown)
    print(f"\n{len(chosen) - len(survived)} of {len(chosen)} were noticed.", flush=True)
    if survived:
        sys.exit(f"Survived: {', '.join(survived)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("word", nargs="?", default="", help="only those whose name contains it")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument(
        "--tests", nargs="*", default=(), help="in place of those named in the table"
    )
    return parser.parse_args()


def _copied(folder: Path) -> Path:
    """The tree as it stands, so that nothing of it is ever changed."""
    tree = folder / "main"
    tree.mkdir()
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    shared = ROOT.parent / "shared"
    if shared.exists():
        (folder / "shared").symlink_to(shared)
    return tree


def _check_sound(tree: Path, chosen: list[Mutant]) -> None:
    """Without a mutation every one of the tests must pass, or nothing is shown."""
    tests = sorted({name for mutant in chosen for name in mutant.tests})
    failed = _first_failure(tree, tests)
    if failed:
        sys.exit(f"The tests are not green to begin with: {failed}")


def _killer(tree: Path, mutant: Mutant) -> str | None:
    path = tree / mutant.file
    sound = path.read_text()
    if sound.count(mutant.old) != 1:
        sys.exit(f"{mutant.name}: {mutant.file} has changed, the place is not there once.")
    path.write_text(sound.replace(mutant.old, mutant.new))
    try:
        return next(filter(None, (_first_failure(tree, [name]) for name in mutant.tests)), None)
    finally:
        path.write_text(sound)


def _first_failure(tree: Path, tests: list[str]) -> str | None:
    command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *tests],
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return found.group(1) if found else f"pytest ended with {done.returncode}"


def _say(mutant: Mutant, killer: str | None, seconds: float, *, markdown: bool) -> None:
    noticed = killer.replace("tests/", "").replace(".py::", " · ") if killer else "NOBODY"
    if markdown:
        print(f"| {mutant.name} | `{noticed}` | {seconds:.0f} s |", flush=True)
    else:
        print(f"{mutant.name:48} {noticed:90} {seconds:5.0f} s", flush=True)


if __name__ == "__main__":
    main()
