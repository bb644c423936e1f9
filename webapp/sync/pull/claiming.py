"""A record that comes with another parent than the one which has it here: it has moved there, or it stands in two.

It stays where it was found first until that parent was read and no longer had it. Until then, and for as long as it
stands in both, it is listed as a problem of the second, whichever of the two is read first or oftener.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import db
from webapp.sync.models import Link, Quarantine
from webapp.sync.pull.scope import Scope


def reason() -> str:
    return gettext("It stands in two places there; it stays where it was found first.")


def held_elsewhere(scope: Scope, known: Mapping[str, Any]) -> dict[str, bool]:
    """Of the records `known` here, those that another parent has and was not found without: external id → whether
    that parent has yet to be looked at for it; it is, by this run or the next."""
    if scope.parent_link is None:
        return {}
    elsewhere = {
        key: link
        for key, link in known.items()
        if link.parent_id not in (None, scope.parent_link)
        and link.missing_since is None
        and link.state != "gone"
    }
    if not elsewhere:
        return {}
    parents_gone = _gone({link.parent_id for link in elsewhere.values()})
    listed = set(_claims(scope, elsewhere, Quarantine.parent_id == scope.parent_link))
    held = {
        key: key not in listed and link.last_seen_run_id != scope.run_id
        for key, link in elsewhere.items()
        if link.parent_id not in parents_gone
    }
    _read_again({elsewhere[key].parent_id for key, unsure in held.items() if unsure})
    return held


def left_out(scope: Scope, missing: Iterable[Link]) -> set[str]:
    """Of the records that their parent has no longer, those that another one has shown. It is read once more, and
    takes them."""
    ids = [link.external_id for link in missing]
    claims = _claims(scope, ids, Quarantine.parent_id != scope.parent_link)
    _read_again(claims.values())
    return set(claims)


def solve_gone(scope: Scope, items: Sequence[Any], id_of: Callable[[Any], str | None]) -> None:
    """What this parent had claimed and has no longer among its `items` stands in one place again."""
    claims = (
        select(Quarantine.id, Quarantine.external_id)
        .join(
            Link,
            (Link.connection_id == Quarantine.connection_id)
            & (Link.kind == Quarantine.kind)
            & (Link.external_id == Quarantine.external_id),
        )
        .where(
            Quarantine.connection_id == scope.connection_id,
            Quarantine.kind == scope.kind,
            Quarantine.parent_id == scope.parent_link,
            Quarantine.state == "open",
            Link.parent_id != scope.parent_link,
        )
    )
    found = db.session().execute(claims).all()
    present = set(map(id_of, items)) if found else set()
    over = [number for number, external_id in found if external_id not in present]
    if over:
        db.session().execute(
            update(Quarantine)
            .where(Quarantine.id.in_(over))
            .values(state="solved")
            .execution_options(synchronize_session=False)
        )


def _claims(scope: Scope, ids: Iterable[str], whose: Any) -> dict[str, int]:
    """external id → the parent as whose problem it is listed, left out by a person or not."""
    found = db.session().execute(
        select(Quarantine.external_id, Quarantine.parent_id)
        .join(Link, Link.id == Quarantine.parent_id)
        .where(
            Quarantine.connection_id == scope.connection_id,
            Quarantine.kind == scope.kind,
            Quarantine.external_id.in_(list(ids)),
            Quarantine.state != "solved",
            Link.state != "gone",
            whose,
        )
    )
    return {row.external_id: row.parent_id for row in found}


def _gone(link_ids: Collection[int]) -> set[int]:
    found = select(Link.id).where(Link.id.in_(link_ids), Link.state == "gone")
    return set(db.session().scalars(found))


def _read_again(parent_ids: Iterable[int]) -> None:
    ids = set(parent_ids)
    if ids:
        db.session().execute(
            update(Link)
            .where(Link.id.in_(ids))
            .values(children_due=True)
            .execution_options(synchronize_session=False)
        )
