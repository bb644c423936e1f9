"""What the list pages of the claim side share: tabs, counts, today, and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Response
from flask_babel import gettext as _

from webapp.accounts.guards import viewer
from webapp.claims import words
from webapp.claims.actions import note_list_export
from webapp.claims.queries import ALL, COUNTED_UP_TO, OPEN_ONES
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.web import csv_download

LIVE = ["staff", "claims"]


def today() -> date:
    """The day it is for the person asking."""
    return clock.now().astimezone(viewer().zone).date()


def status_tabs(
    counts: Mapping[str, int],
    *,
    chosen: str,
    open_ones: Sequence[str],
    address: Callable[[str], str],
) -> list[tuple[str, str, bool, str]]:
    """Open ones, each status, all: (words, address, whether chosen, how many)."""
    choices = [
        (OPEN_ONES, _("Open"), open_ones),
        *((status, words.status_word(status), (status,)) for status in counts),
        (ALL, _("All"), tuple(counts)),
    ]
    return [
        (name, address(status), chosen == status, counted(sum(counts[one] for one in included)))
        for status, name, included in choices
    ]


def counted(count: int) -> str:
    return f"{COUNTED_UP_TO}+" if count > COUNTED_UP_TO else str(count)


def csv_file(
    kind: str, filters: dict[str, Any], headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Response:
    """A list as a streamed file. Taking it away is recorded; `rows` is read while it is sent."""
    with transaction():
        note_list_export(
            kind,
            {name: str(value) for name, value in filters.items()},
            actor=viewer().actor,
        )
    return csv_download(f"{kind}-{clock.now():%Y-%m-%d}.csv", headings, rows)
