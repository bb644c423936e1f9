"""/claims/bulletins/<id>: one bulletin."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries
from webapp.claims.models import Bulletin
from webapp.claims.views import bulletin_parts as parts
from webapp.claims.views.blueprint import bp
from webapp.claims.views.lists import LIVE
from webapp.claims.views.parts import fragments
from webapp.core.errors import NotFound
from webapp.core.web import render
from webapp.tickets.views.files import requested_file


@bp.get("/bulletins/<int:bulletin_id>")
@requires(Permission.CLAIMS_SEE)
def show_bulletin(bulletin_id: int) -> str:
    return page(queries.bulletin_for(viewer(), bulletin_id))


@bp.get("/bulletins/<int:bulletin_id>/part/<part>")
@requires(Permission.CLAIMS_SEE)
def bulletin_part(bulletin_id: int, part: str) -> str:
    """One live part alone."""
    bulletin = queries.bulletin_for(viewer(), bulletin_id)
    if part not in parts.LIVE:
        raise NotFound("There is no such part.")
    return parts.part(part, bulletin)


@bp.get("/bulletins/<int:bulletin_id>/files/<int:file_id>")
@requires(Permission.CLAIMS_SEE)
def bulletin_file(bulletin_id: int, file_id: int) -> Response:
    bulletin = queries.bulletin_for(viewer(), bulletin_id)
    return requested_file(queries.file_for(bulletin, file_id))


def page(bulletin: Bulletin, **changed: dict[str, Any]) -> str:
    """The whole page; `changed`: part → what it shows differently this time."""
    return render(
        "claims/show_bulletin.html",
        bulletin=bulletin,
        parts={name: parts.part(name, bulletin, **changed.get(name, {})) for name in parts.PARTS},
        fragments=fragments("bulletin", bulletin.id),
        live_topics=[*LIVE, f"bulletin:{bulletin.id}"],
    )
