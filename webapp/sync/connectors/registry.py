"""The kinds of upstream that the desk knows: one YAML file each, beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import gettext

from webapp.core.errors import NotFound
from webapp.sync.connectors.declaration import Declaration, parse, parse_dict

_FOLDER = Path(__file__).parent
_ORDER = ("mynaga", "tuniclaim", "open311", "blank")


def kinds() -> tuple[str, ...]:
    """All kinds, the usual ones first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.yaml"))
    return tuple(sorted(found, key=lambda name: _ORDER.index(name) if name in _ORDER else 1))


def all_declarations() -> tuple[Declaration, ...]:
    return tuple(get(name) for name in kinds())


@cache
def get(name: str) -> Declaration:
    """The built-in declaration of that kind. Raises NotFound."""
    return parse(source(name))


def source(name: str) -> str:
    """Its YAML text, to be read, or edited for one connection. Raises NotFound."""
    if name not in kinds():
        raise NotFound(gettext("There is no kind of connection of that name."))
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def declaration_for(kind: str, edited: Mapping[str, Any] | str | None = None) -> Declaration:
    """The declaration of a connection: its own edited one where it has one, else that of its kind."""
    if isinstance(edited, str):
        return parse(edited)
    return parse_dict(edited) if edited else get(kind)
