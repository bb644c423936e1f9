"""Python's search for cyclic garbage, kept out of the way of work that makes many objects and few cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 50_000  # new objects between two looks; the usual 700 looks hundreds of times at each page of a pull


@contextmanager
def uncollected() -> Iterator[None]:
    """Not at all: while everything is loaded, nearly nothing of it is garbage, and looking costs a tenth of a start."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def seldom_collected() -> Iterator[None]:
    """What lives already is not looked at again meanwhile, and what is new less often."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
