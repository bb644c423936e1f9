"""/claims/duplicates: two bulletins side by side, and whether they are one claim."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries
from webapp.claims.actions import decide_duplicate
from webapp.claims.forms import DuplicateForm
from webapp.claims.models import DuplicatePair
from webapp.claims.views.blueprint import bp
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast

LIVE = ["staff", "claims"]


@bp.get("/duplicates")
@requires(Permission.CLAIMS_SEE)
def list_duplicates() -> str:
    return render("claims/list_duplicates.html", live_topics=LIVE, **_rows())


@bp.get("/duplicates/rows")
@requires(Permission.CLAIMS_SEE)
def duplicate_rows() -> str:
    """The list alone, for its live region."""
    return render("claims/_duplicates.html", **_rows())


@bp.get("/duplicates/<int:pair_id>")
@requires(Permission.CLAIMS_SEE)
def show_duplicate(pair_id: int) -> str:
    return _page(queries.duplicate_for(viewer(), pair_id))


@bp.post("/duplicates/<int:pair_id>")
@requires(Permission.DUPLICATES_DECIDE)
def decide(pair_id: int) -> str | tuple[str, int] | Response:
    try:
        form = parse(DuplicateForm, request.form)
        with transaction():
            pair = queries.duplicate_for(viewer(), pair_id, lock=True)
            if pair.decision != form.seen:
                raise Conflict(_("Meanwhile somebody else has decided this. Look at it again."))
            decide_duplicate(pair, decision=form.decision, note=form.note, actor=viewer().actor)
    except (Invalid, Conflict) as error:
        return _page(queries.duplicate_for(viewer(), pair_id), error=error), error.status
    toast("updated", _("Your decision is kept."))
    return redirect(url_for(".list_duplicates"), 303)


@bp.get("/bulletins/<int:bulletin_id>/duplicates")
@requires(Permission.CLAIMS_SEE)
def duplicates_of(bulletin_id: int) -> str:
    """For the bulletin's page, which loads it as a fragment."""
    return render(
        "claims/_duplicates_of.html",
        bulletin_id=bulletin_id,
        pairs=queries.duplicates_of(bulletin_id),
        src=url_for(".duplicates_of", bulletin_id=bulletin_id),
    )


def _page(pair: DuplicatePair, *, error: Invalid | Conflict | None = None) -> str:
    fields = error.fields if isinstance(error, Invalid) else {}
    return render(
        "claims/show_duplicate.html",
        pair=pair,
        may_decide=viewer().may(Permission.DUPLICATES_DECIDE),
        typed=request.form if error else None,
        errors=fields,
        problem=error.message if isinstance(error, Conflict) else "",
        live_topics=LIVE,
    )


def _rows() -> dict[str, Any]:
    decided = request.args.get("show") == "decided"
    before = request.args.get("before", type=int)
    page = queries.duplicates_page(decided=decided, before_id=before)
    show = "decided" if decided else None
    waiting = queries.count_undecided()
    return {
        "pairs": page.rows,
        "decided": decided,
        "tabs": [
            (_("To decide"), url_for(".list_duplicates"), not decided, str(waiting)),
            (_("Decided"), url_for(".list_duplicates", show="decided"), decided),
        ],
        "src": url_for(".duplicate_rows", before=before, show=show),
        "newest": url_for(".list_duplicates", show=show) if before else None,
        "older": url_for(".list_duplicates", before=page.next, show=show) if page.next else None,
    }
