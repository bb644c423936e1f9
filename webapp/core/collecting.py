"""Python's search for cyclic garbage, kept out of the way of work that makes many objects and few cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 50_000  # new objects between two looks; the usual 700 looks hundreds of times at each page of a pull


@contextmanager
def uncollected() -> Iterator[None]:
    """Not at all: while everything is loaded, nearly nothing of it is garbage, and looking costs a tenth of a start.

    What the first of these loaded stays for as long as the process: it is never looked at, not at the end either,
    where looking at it all costs a third of a short process. What later ones load is looked at as usual, since
    only the first loads the program.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
        if was_enabled:
            gc.enable()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """What is new is looked at less often meanwhile."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
