"""Parts of the program that are brought when somebody first asks for them: a process that only pulls needs few.

A package that does so names its parts under `if TYPE_CHECKING:` and nowhere else: there they are read, and there
whoever checks types and layers sees them as if they were imported.

    if TYPE_CHECKING:
        from webapp.chat.actions.messages import send
    else:
        __getattr__ = on_demand(__name__)

What serves others, web and workers, brings everything at once, before it is forked (`bring_work`).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def on_demand(package: str) -> Callable[[str], Any]:
    """The package's `__getattr__` (PEP 562)."""

    def bring(name: str) -> Any:
        module = _parts(package).get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        found = getattr(import_module(module), name)
        setattr(sys.modules[package], name, found)
        return found

    return bring


@cache
def _parts(package: str) -> dict[str, str]:
    """Name → the module that it stands in."""
    text = Path(str(sys.modules[package].__file__)).read_text()
    blocks = (each for each in ast.parse(text).body if isinstance(each, ast.If))
    return {
        alias.name: str(line.module)
        for block in blocks
        for line in block.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }


def modules(*patterns: str) -> Iterator[str]:
    """Of our own program, by file: `models.py` wherever it stands, `actions/*.py` …"""
    here = ROOT / "webapp"
    for path in sorted({path for pattern in patterns for path in here.rglob(pattern)}):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__")


def bring(*patterns: str) -> None:
    for name in modules(*patterns):
        import_module(name)


def bring_models() -> None:
    """For whoever goes through all tables: a process has loaded only those that it works with."""
    bring("models.py", "models/*.py")


def bring_work() -> None:
    """All that tasks do, and what follows of it: for who serves many, before it is forked, so that all share it."""
    bring_models()
    bring("tasks.py", "actions/**/*.py", "queries/**/*.py", "reactions/*.py", "subjects/*.py")
    bring("channel.py", "told.py", "mapping/jobs.py")  # what is asked for by its name
    import_module("webapp.many")
