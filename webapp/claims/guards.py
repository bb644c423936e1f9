"""Whether the claim side stands open, and what of it the person asking can go to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.guards import viewer
from webapp.accounts.identity import beside
from webapp.accounts.roles import Permission
from webapp.claims import queries
from webapp.core.errors import NotFound

TABS: tuple[tuple[str, Any, Permission], ...] = (
    ("claims.overview", _l("Overview"), Permission.CLAIMS_SEE),
    ("claims.list_bordereaux", _l("Bordereaux"), Permission.CLAIMS_SEE),
    ("claims.list_bulletins", _l("Bulletins"), Permission.CLAIMS_SEE),
    ("claims.list_payments", _l("Payments"), Permission.CLAIMS_SEE),
    ("claims.list_clients", _l("Clients"), Permission.CLAIMS_SEE),
    ("claims.list_duplicates", _l("Duplicates"), Permission.CLAIMS_SEE),
    ("claims.settings", _l("Settings"), Permission.DESK_MANAGE),
)
# An admin turns the claim side on and off here, so that it is reached while all else is closed.
ALWAYS_OPEN = ("claims.settings", "claims.save_settings")


def shown() -> bool:
    """Whether this desk handles claims; asked once a request."""
    if "claims_shown" not in g:
        g.claims_shown = beside("claims_shown", queries.claims_shown)
    return bool(g.claims_shown)


def enforce_shown() -> None:
    """Before each page of the claim side: where claims are not handled, there is none."""
    if request.endpoint not in ALWAYS_OPEN and not shown():
        raise NotFound(_("This desk does not handle claims. An admin can turn that on."))


def leads_somewhere() -> bool:
    """Whether the sidebar leads the person asking to the claim side."""
    return shown() and any(_open_tabs())


def address(endpoint: str, **values: Any) -> str:
    """Of a page that may not be there; "" then."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def tabs() -> list[tuple[str, str, bool]]:
    """(words, address, whether it is here) of the parts that the person asking may enter."""
    here = request.path
    found = [(str(words), url_for(endpoint)) for endpoint, words in _open_tabs()]
    return [(words, href, here == href or here.startswith(f"{href}/")) for words, href in found]


def _open_tabs() -> Iterator[tuple[str, Any]]:
    for endpoint, words, permission in TABS:
        if endpoint in current_app.view_functions and viewer().may(permission):
            yield endpoint, words
