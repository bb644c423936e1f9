"""What becomes of a change that a device made while others worked on: S8."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from webapp.fieldwork.offline import Disputed, Meanwhile, Verdict, decide, is_wanted


@pytest.mark.parametrize(
    ("base", "mine", "now", "verdict"),
    [
        ("planned", "working", "planned", Verdict.SET),
        ("planned", "working", "working", Verdict.SAME),  # both did the same
        ("planned", "working", "cancelled", Verdict.ASK),
        ("planned", "planned", "cancelled", Verdict.SAME),  # not changed here at all
        (None, "working", "cancelled", Verdict.SET),  # who sends no base means it as it stands
        ("undone", "done", "gone", Verdict.ASK),
        ("gone", "done", "gone", Verdict.SET),  # asked, and meant
        ("", "2", "3", Verdict.ASK),
        ("", "2", "", Verdict.SET),
    ],
)
def test_what_nobody_else_touched_is_set_and_the_rest_is_asked(
    base: str | None, mine: str, now: str, verdict: Verdict
) -> None:
    assert decide(mine, base=base, now=now) is verdict


def test_a_dispute_names_both_values_who_and_when() -> None:
    at = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)

    def ask(now: str) -> bool:
        return is_wanted(
            "state",
            "working",
            base="planned",
            now=now,
            say=str.title,
            meanwhile=lambda: Meanwhile("Andres", at),
        )

    assert ask("planned") is True
    assert ask("working") is False
    with pytest.raises(Disputed) as caught:
        ask("cancelled")
    assert caught.value.conflicts == {
        "state": {
            "theirs": "cancelled",
            "yours": "working",
            "theirs_in_words": "Cancelled",
            "yours_in_words": "Working",
            "who": "Andres",
            "at": at.isoformat(),
        }
    }
