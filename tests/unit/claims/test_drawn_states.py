"""docs/states.md is read by people who set the desk up: it says what the code does, and who may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask

from webapp.accounts.roles import Permission
from webapp.claims import states

DOC = (Path(__file__).parents[3] / "docs" / "states.md").read_text()


def drawn(kind: str) -> set[tuple[str, str, str]]:
    """(from, to, who) of the table whose heading names `kind`."""
    table = re.search(rf"\| {kind}: from \|.*?\n\n", DOC, flags=re.DOTALL)
    assert table, kind
    rows = [line.strip("|").split("|") for line in table[0].strip().splitlines()[2:]]
    return {(old.strip(), new.strip(), who.strip()) for old, new, who in rows}


@pytest.mark.parametrize(
    ("kind", "moves", "who"),
    [
        ("bulletin", states.BULLETIN_MOVES, Permission.CLAIMS_WORK),
        ("bordereau", states.BORDEREAU_STEPS, Permission.CLAIMS_WORK),
        ("payment", states.PAYMENT_MOVES, Permission.PAYMENTS_MAKE),
    ],
)
def test_the_drawn_moves_are_those_of_the_code(
    kind: str, moves: Mapping[str, tuple[str, ...]], who: Permission
) -> None:
    assert drawn(kind) == {(old, new, who.value) for old, new in _pairs(moves)}


@pytest.mark.parametrize(
    ("bulletins", "word"),
    [
        (["received"], "received, or scanned"),
        (["validated", "received"], "in_progress"),
        (["validated", "paid", "rejected"], "validated"),
        (["paid", "rejected"], "processed"),
        (["rejected"], "rejected"),
    ],
)
def test_what_follows_from_bulletins_is_drawn_as_it_is(bulletins: list[str], word: str) -> None:
    assert states.bordereau_status("received", bulletins) == word.split(",", maxsplit=1)[0]
    assert f"| {word} |" in DOC


def test_the_doors_of_the_moves_ask_for_what_is_drawn(app: Flask) -> None:
    doors = {
        "claims.change_bulletin": Permission.CLAIMS_WORK,
        "claims.take_bordereau_step": Permission.CLAIMS_WORK,
    }
    for endpoint, permission in doors.items():
        assert app.view_functions[endpoint].access == permission  # type: ignore[attr-defined]


def _pairs(moves: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(old, new) for old, news in moves.items() for new in news]
