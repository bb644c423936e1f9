"""The kinds of local records that upstreams have as well, by the names that declarations give as `target`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from babel.lists import format_list
from flask_babel import get_locale

from webapp.sync.models import Link
from webapp.sync.subjects.subject import Checked, Face, Local, Subject
from webapp.sync.subjects.ticket import TICKET

__all__ = [
    "Checked",
    "Face",
    "Local",
    "Subject",
    "counted",
    "faces_of",
    "find",
    "local_of",
    "locals_of",
    "of",
]


def of(kind: str) -> Subject:
    """Raises KeyError; a declaration names a known kind, and a link was made by one."""
    found = find(kind)
    if found is None:
        raise KeyError(kind)
    return found


def find(kind: str) -> Subject | None:
    return TICKET if kind == TICKET.kind else _claims().get(kind)


@cache
def _claims() -> dict[str, Subject]:
    from webapp.sync.subjects.bordereau import BORDEREAU  # here: most desks pull no claims
    from webapp.sync.subjects.bulletin import BULLETIN

    return {each.kind: each for each in (BORDEREAU, BULLETIN)}


def counted(numbers: Mapping[str, int]) -> str:
    """kind → how many, as people say it: 12 bordereaux and 340 bulletins; "0" for none at all."""
    said = [of(kind).counted(n) for kind, n in numbers.items() if n]
    return format_list(said, locale=get_locale() or "en") if said else "0"


def local_of(link: Link, *, fresh: bool = False, lock: bool = False) -> Local | None:
    """Our record of a link; None where it is gone."""
    return of(link.local_kind).load([link.local_id], fresh=fresh, lock=lock).get(link.local_id)


def locals_of(links: Iterable[Link]) -> dict[tuple[str, int], Local]:
    """(kind, id) → our record, for links of any kinds, with one query for each kind."""
    ids: dict[str, list[int]] = {}
    for link in links:
        ids.setdefault(link.local_kind, []).append(link.local_id)
    return {
        (kind, key): local
        for kind, keys in sorted(ids.items())
        for key, local in of(kind).load(keys).items()
    }


def faces_of(links: Sequence[Link]) -> dict[int, Face]:
    """link's id → how our record is shown."""
    found = locals_of(links)
    return {
        link.id: of(link.local_kind).face(found[key])
        for link in links
        if (key := (link.local_kind, link.local_id)) in found
    }
