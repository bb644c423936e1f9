"""What a device did while it had no network, put into what stands now (docs/offline.md).

A change comes with the value that its page showed: S8. What nobody else touched since then is set; what is so already
stays; what somebody else changed to something else is put to the person, with both values, who and when.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext

from webapp.core.errors import Conflict
from webapp.core.once import receipt_of
from webapp.tickets.merging import merge


class Verdict(StrEnum):
    SET = "set"
    SAME = "same"
    ASK = "ask"


@dataclass(frozen=True)
class Meanwhile:
    """Who changed it last, and when; nobody knows of what was so from the beginning."""

    who: str = ""
    at: datetime | None = None


class Disputed(Conflict):
    """Somebody else changed the same. `conflicts`: field → theirs and yours, as values and in words, who and when."""

    def __init__(self, conflicts: dict[str, dict[str, Any]]) -> None:
        super().__init__(
            gettext("Meanwhile somebody else changed the same. Choose, then send it again.")
        )
        self.conflicts = conflicts


def decide(mine: str, *, base: str | None, now: str) -> Verdict:
    """`base`: what the page showed when `mine` was chosen; None: it does not say, and the change counts as it came."""
    seen = {} if base is None else {"it": base}
    merged = merge({"it": mine}, seen=seen, now={"it": now})
    if merged.disputed:
        return Verdict.ASK
    return Verdict.SET if merged.taken else Verdict.SAME


def is_wanted(
    field: str,
    mine: str,
    *,
    base: str | None,
    now: str,
    say: Callable[[str], str],
    meanwhile: Callable[[], Meanwhile],
) -> bool:
    """Whether `mine` is to be set. Raises Disputed. `say`: a value in words."""
    verdict = decide(mine, base=base, now=now)
    if verdict is Verdict.ASK:
        told = meanwhile()
        sides = {
            "theirs": now,
            "yours": mine,
            "theirs_in_words": say(now),
            "yours_in_words": say(mine),
            "who": told.who,
            "at": told.at.isoformat() if told.at else None,
        }
        raise Disputed({field: sides})
    return verdict is Verdict.SET


def check_arrived(ids: Sequence[str], *, person_id: int) -> None:
    """Raises Conflict where one of these changes of the same person has left no receipt: photos come before “done”."""
    here = sum(receipt_of(key, person_id=person_id) is not None for key in ids)
    if here < len(ids):
        words = gettext(
            "%(here)s of %(all)s photos have arrived. Send the others first.",
            here=here,
            all=len(ids),
        )
        raise Conflict(words, code="photos_missing")
