"""What the lists of the claim side are narrowed to, as it stands in the address. What is unknown there is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Self

from webapp.claims.flags import FLAGS
from webapp.claims.states import BORDEREAU_STATUSES, BULLETIN_STATUSES

OPEN_ONES = ""  # the filters' default
ALL = "all"
ANY_FLAG = "any"


@dataclass(frozen=True)
class _Filters:
    """`status`: "" open ones, "all", or one status. `since`, `until`: days, both included."""

    status: str = OPEN_ONES
    client: int = 0
    source: str = ""
    since: date | None = None
    until: date | None = None
    q: str = ""

    def as_args(self, **changed: str) -> dict[str, Any]:
        """For url_for: what differs from the default, with some of it changed."""
        values = {field.name: _text(getattr(self, field.name)) for field in fields(self)}
        return {name: value for name, value in {**values, **changed}.items() if value}

    @property
    def narrowed(self) -> bool:
        return bool(self.as_args(status=""))


@dataclass(frozen=True)
class BordereauFilters(_Filters):
    overdue: bool = False
    problems: bool = False

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Self:
        return cls(
            **_common(args, BORDEREAU_STATUSES),
            overdue=args.get("overdue") == "1",
            problems=args.get("problems") == "1",
        )


@dataclass(frozen=True)
class BulletinFilters(_Filters):
    """`since`, `until`: care dates. `flag`: one of flags.FLAGS, or any of them."""

    bordereau: int = 0
    flag: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Self:
        flag = args.get("flag", "")
        return cls(
            **_common(args, BULLETIN_STATUSES),
            bordereau=_number(args.get("bordereau", "")),
            flag=flag if flag in (*FLAGS, ANY_FLAG) else "",
        )


def _common(args: Mapping[str, str], statuses: tuple[str, ...]) -> dict[str, Any]:
    status = args.get("status", "")
    return {
        "status": status if status in (*statuses, ALL) else OPEN_ONES,
        "client": _number(args.get("client", "")),
        "source": args.get("source", "")[:30],
        "since": day_of(args.get("since", "")),
        "until": day_of(args.get("until", "")),
        "q": args.get("q", "").replace("\x00", "").strip()[:200],
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def last_of(month: date) -> date:
    """The last day of the month that begins on this one."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value) if value else ""
