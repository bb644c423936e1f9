"""Tasks that the worker's own tests run in a real worker process."""

import os
import time
from pathlib import Path

from flask import current_app
from sqlalchemy import text

from webapp.core.db import session


def note(path: str) -> None:
    """Writes down who ran it, and that the database answered."""
    answer = session().execute(text("SELECT 41 + 1")).scalar_one()
    Path(path).write_text(f"{current_app.name} {answer} {os.getpid()} {os.getppid()}")


def fail() -> None:
    """Raises."""
    raise ValueError("as it should")


def sleep(path: str) -> None:
    """Says that it has begun, then takes very long."""
    Path(path).write_text(str(os.getpid()))
    time.sleep(60)


def hold(out: str) -> None:
    """Stays until there is a file `out-go` beside `out`."""
    Path(out).touch()
    while not Path(out).with_name("out-go").exists():
        time.sleep(0.05)
