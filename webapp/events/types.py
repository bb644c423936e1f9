"""What a fact is, and who may have caused it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class Actor:
    """Who did it. `kind`: user, reporter, connection or system; `id` within that kind; `name` as shown."""

    kind: str
    id: int | None
    name: str

    @property
    def is_person(self) -> bool:
        return self.kind in ("user", "reporter")


SYSTEM = Actor("system", None, "Tulay")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A past fact about one subject. Subclasses name their `type` and add what changed as fields.

    `internal` facts never reach a reporter, in no form.
    """

    type: ClassVar[str] = ""
    subject_kind: ClassVar[str] = ""
    internal: ClassVar[bool] = False

    subject_id: int

    def data(self) -> dict[str, Any]:
        """The fields besides the subject, ready for JSON."""
        cls = type(self)
        names = _NAMES.get(cls)
        if names is None:
            names = _NAMES[cls] = tuple(
                f.name for f in fields(cls) if f.name not in ("subject_kind", "subject_id")
            )
        return {name: _plain(getattr(self, name)) for name in names}


_NAMES: dict[type[Fact], tuple[str, ...]] = {}  # what each kind of fact has besides its subject


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def all_fact_types() -> dict[str, type[Fact]]:
    """type name → class, of every fact that has been defined."""
    found: dict[str, type[Fact]] = {}
    waiting = list(Fact.__subclasses__())
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.type:
            found[cls.type] = cls
    return found
