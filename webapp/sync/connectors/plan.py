"""What the probe found out about one system, kept with its connection. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from webapp.sync.connectors.declaration import Auth, Declaration, Incremental, Paging, Shape


@dataclass(frozen=True, slots=True)
class Plan:
    """Positions in the shape's lists `auth`, `list.paging` and `list.incremental`."""

    shape: str
    auth: int = 0
    paging: int = 0
    incremental: int = 0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def certain_plan(shape: Shape) -> Plan:
    """What is used before any probe: the first of each list that needs no proof."""
    return Plan(
        shape=shape.name,
        paging=_first_certain(shape.list.paging),
        incremental=_first_certain(shape.list.incremental),
    )


def plan_of(
    declaration: Declaration, saved: Mapping[str, Any] | Plan | None, shape: str = ""
) -> Plan:
    """The saved plan as far as it still fits the declaration, else the certain one."""
    if isinstance(saved, Plan):
        saved = saved.to_dict()
    name = shape or str((saved or {}).get("shape", ""))
    try:
        found = declaration.shape(name)
    except KeyError:
        found = declaration.shapes[0]
    plain = certain_plan(found)
    if not saved or saved.get("shape") != found.name:
        return plain
    lengths = {
        "auth": len(found.auth),
        "paging": len(found.list.paging),
        "incremental": len(found.list.incremental),
    }
    kept = {
        part: saved[part]
        for part, length in lengths.items()
        if isinstance(saved.get(part), int) and 0 <= saved[part] < length
    }
    return Plan(**{**plain.to_dict(), **kept})


def parts(shape: Shape, plan: Plan) -> tuple[Auth, Paging, Incremental]:
    return (
        shape.auth[plan.auth],
        shape.list.paging[plan.paging],
        shape.list.incremental[plan.incremental],
    )


def _first_certain(options: tuple[Paging, ...] | tuple[Incremental, ...]) -> int:
    return next(position for position, option in enumerate(options) if not option.prove)
