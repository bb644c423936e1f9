"""/claims/overview: how much came in, waits, is late, is to be paid and was paid; each figure leads to its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import format_date, format_decimal, ngettext
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import guards, queries
from webapp.claims.queries import Figure, Week
from webapp.claims.queries.filters import last_of
from webapp.claims.views.blueprint import bp
from webapp.claims.views.lists import LIVE, counted, today
from webapp.core import charts, money
from webapp.core.charts import Chart, Series
from webapp.core.web import render


@dataclass(frozen=True)
class Tile:
    """`amounts`: (amount, currency) pairs; without them the hint's count is the figure."""

    label: str
    amounts: Sequence[tuple[Decimal, str]]
    hint: str
    href: str
    icon: str
    count: str = ""


@bp.get("/overview")
@requires(Permission.CLAIMS_SEE)
def overview() -> str:
    return render("claims/overview.html", live_topics=LIVE, **_figures())


@bp.get("/overview/figures")
@requires(Permission.CLAIMS_SEE)
def overview_figures() -> str:
    """The figures alone, for their live region."""
    return render("claims/_overview.html", **_figures())


def _figures() -> dict[str, Any]:
    day = today()
    month = day.replace(day=1)
    standing = queries.standing_now()
    return {
        "src": url_for(".overview_figures"),
        "month": format_date(day, "LLLL y"),
        "tiles": [
            _received(queries.received_between(month, last_of(month)), month),
            *_standing(standing),
            _overdue(queries.overdue(day)),
            _paid(queries.paid_between(month, last_of(month)), month),
            _duplicates(queries.count_undecided()),
            _mismatches(queries.count_mismatches()),
        ],
        "clients": [
            (currency, [_client_bar(*each, currency) for each in ranked])
            for currency, ranked in standing.clients.items()
        ],
        "chart": _chart(queries.weeks_until(day, viewer().zone)),
    }


def _received(figure: Figure, month: date) -> Tile:
    href = url_for(".list_bordereaux", status="all", since=month, until=last_of(month))
    hint = _(
        "%(bulletins)s in %(bordereaux)s",
        bulletins=_bulletins(figure.count),
        bordereaux=_bordereaux(figure.of),
    )
    return Tile(_("Received this month"), _amounts(figure), hint, href, "inbox")


def _standing(standing: queries.Standing) -> list[Tile]:
    return [
        Tile(
            _("Waiting for a decision"),
            _amounts(standing.waiting),
            _bulletins(standing.waiting.count),
            url_for(".list_bulletins"),
            "hourglass",
        ),
        Tile(
            _("Validated, to be paid"),
            _amounts(standing.validated),
            _bulletins(standing.validated.count),
            url_for(".list_bulletins", status="validated"),
            "check",
        ),
        Tile(
            _("Rejected"),
            _amounts(standing.rejected),
            _bulletins(standing.rejected.count),
            url_for(".list_bulletins", status="rejected"),
            "ban",
        ),
    ]


def _overdue(figure: Figure) -> Tile:
    href = url_for(".list_bordereaux", overdue="1")
    return Tile(_("Overdue"), _amounts(figure), _bordereaux(figure.count), href, "timer")


def _paid(figure: Figure, month: date) -> Tile:
    href = guards.address("claims.list_payments", month=f"{month:%Y-%m}")
    return Tile(
        _("Paid this month"), _amounts(figure), _bulletins(figure.count), href, "circle-check"
    )


def _duplicates(count: int) -> Tile:
    href = url_for(".list_duplicates")
    hint = _("Neither of two can be paid before it is decided.")
    return Tile(_("Duplicates to decide"), (), hint, href, "copy", counted(count))


def _mismatches(count: int) -> Tile:
    href = url_for(".list_bulletins", flag="mismatch")
    hint = _("Bulletins that wait, whose total is not the sum of their items.")
    return Tile(
        _("Items do not add up"), (), hint, href, "triangle-alert", str(format_decimal(count))
    )


def _client_bar(
    client_id: int, name: str, amount: Decimal, currency: str
) -> tuple[str, Decimal, str, str, str]:
    words = str(format_decimal(amount, money.pattern(currency)))
    return name, amount, "purple", url_for(".show_client", client_id=client_id), words


def _chart(weeks: Sequence[Week]) -> Chart:
    series = [
        Series("blue", _("received"), [week.received for week in weeks]),
        Series("purple", _("decided"), [week.decided for week in weeks]),
        Series("green", _("paid"), [week.paid for week in weeks]),
    ]
    labels = [str(format_date(week.start, "d MMM")) for week in weeks]
    title = _("Bulletins by week")
    return charts.lines_of("weeks", title, labels, series, words=_whole, whole=True)


def _whole(value: float | None) -> str:
    return "–" if value is None else str(format_decimal(value))


def _amounts(figure: Figure) -> list[tuple[Decimal, str]]:
    found = [(amount, currency) for currency, amount in sorted(figure.amounts.items())]
    return found or [(money.ZERO, money.USUAL)]


def _bulletins(count: int) -> str:
    return str(ngettext("%(n)s bulletin", "%(n)s bulletins", count, n=format_decimal(count)))


def _bordereaux(count: int) -> str:
    return str(ngettext("%(n)s bordereau", "%(n)s bordereaux", count, n=format_decimal(count)))
