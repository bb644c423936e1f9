"""Takes the rules of the sync away one at a time and shows which test notices (`make mutants`). Exits 1 if none does.

python bench/mutants.py            all of them
python bench/mutants.py fencing    those whose name contains the word
python bench/mutants.py --markdown the table for docs/proof.md
python bench/mutants.py --tests tests/proof/test_machine.py    what those tests notice by themselves
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
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.mutations import MUTANTS, Mutant  # noqa: E402 - the path first

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
