"""/claims/bordereaux/<id>: one bordereau with its bulletins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries, words
from webapp.claims.actions import step_bordereau
from webapp.claims.forms import BordereauStepForm
from webapp.claims.models import Bordereau
from webapp.claims.states import BORDEREAU_STEPS, BULLETIN_STATUSES
from webapp.claims.views.blueprint import bp
from webapp.claims.views.bordereaux import wait_of
from webapp.claims.views.lists import LIVE
from webapp.claims.views.parts import answer, drawn, fragments
from webapp.core.db import transaction
from webapp.core.errors import Conflict, NotFound
from webapp.core.forms import parse
from webapp.core.web import is_htmx, render, toast
from webapp.events.queries import history_of

HISTORY_SHOWN = 100


@bp.get("/bordereaux/<int:bordereau_id>")
@requires(Permission.CLAIMS_SEE)
def show_bordereau(bordereau_id: int) -> str:
    return _page(queries.bordereau_for(viewer(), bordereau_id))


@bp.get("/bordereaux/<int:bordereau_id>/part/<part>")
@requires(Permission.CLAIMS_SEE)
def bordereau_part(bordereau_id: int, part: str) -> str:
    """One live part alone."""
    bordereau = queries.bordereau_for(viewer(), bordereau_id)
    if part not in PARTS:
        raise NotFound("There is no such part.")
    return _part(part, bordereau)


@bp.post("/bordereaux/<int:bordereau_id>/step")
@requires(Permission.CLAIMS_WORK)
def take_bordereau_step(bordereau_id: int) -> Response:
    form = parse(BordereauStepForm, request.form)
    try:
        with transaction():
            bordereau = queries.bordereau_for(viewer(), bordereau_id, lock=True)
            if bordereau.status != form.seen:
                raise Conflict(_("Meanwhile somebody else changed this bordereau. Look again."))
            step_bordereau(bordereau, step=form.step, actor=viewer().actor)
    except Conflict as error:
        return _not_done(queries.bordereau_for(viewer(), bordereau_id), error)
    if not is_htmx():
        toast(
            "updated",
            _(
                "%(ref)s: %(status)s",
                ref=bordereau.reference,
                status=words.status_word(bordereau.status),
            ),
        )
        return redirect(url_for(".show_bordereau", bordereau_id=bordereau_id), 303)
    return make_response(_answer(queries.bordereau_for(viewer(), bordereau_id)))


def _not_done(bordereau: Bordereau, error: Conflict) -> Response:
    if is_htmx():
        return make_response(_answer(bordereau, steps={"conflict": error.message}), 422)
    return make_response(_page(bordereau, steps={"conflict": error.message}), error.status)


def _page(bordereau: Bordereau, **changed: dict[str, Any]) -> str:
    return render(
        "claims/show_bordereau.html",
        bordereau=bordereau,
        parts={name: _part(name, bordereau, **changed.get(name, {})) for name in PARTS},
        fragments=fragments("bordereau", bordereau.id),
        live_topics=[*LIVE, f"bordereau:{bordereau.id}"],
    )


def _part(name: str, bordereau: Bordereau, **more: Any) -> Markup:
    src = url_for(
        ".bordereau_part",
        bordereau_id=bordereau.id,
        part=name,
        **_place() if name == "bulletins" else {},
    )
    values = {"bordereau": bordereau, "src": src, **PARTS[name](bordereau), **more}
    return drawn(f"claims/bordereau/_{name}.html", values)


def _answer(bordereau: Bordereau, **changed: dict[str, Any]) -> Markup:
    names = ("head", "steps", "history")
    return answer(
        f"bordereau-{bordereau.id}",
        {name: _part(name, bordereau, **changed.get(name, {})) for name in names},
    )


def _place() -> dict[str, Any]:
    """Where in its bulletins the person is, as it stands in the address."""
    status, after = request.args.get("status", ""), request.args.get("after", "")
    found: dict[str, Any] = {}
    if status in BULLETIN_STATUSES:
        found["status"] = status
    if after.isascii() and after.isdigit() and len(after) < 18:
        found["after"] = after
    return found


def _head(_bordereau: Bordereau) -> dict[str, Any]:
    return {}


def _steps(bordereau: Bordereau) -> dict[str, Any]:
    may_work = viewer().may(Permission.CLAIMS_WORK)
    return {
        "steps": BORDEREAU_STEPS.get(bordereau.status, ()) if may_work else (),
        "conflict": "",
    }


def _facts(bordereau: Bordereau) -> dict[str, Any]:
    return {"wait": wait_of(bordereau)}


def _progress(bordereau: Bordereau) -> dict[str, Any]:
    progress = queries.progress_of([bordereau.id]).get(bordereau.id, queries.NOTHING_YET)
    return {"progress": progress, "statuses": BULLETIN_STATUSES}


def _bulletins(bordereau: Bordereau) -> dict[str, Any]:
    place = _place()
    status = place.get("status", "")
    page = queries.bulletins_of(
        viewer(), bordereau.id, status=status, after_id=int(place.get("after", 0))
    )
    here: dict[str, Any] = {"bordereau_id": bordereau.id, **({"status": status} if status else {})}
    return {
        "bulletins": page.rows,
        "flags": queries.flags_of(page.rows),
        "status": status,
        "statuses": BULLETIN_STATUSES,
        "first": url_for(".show_bordereau", **here) if "after" in place else None,
        "next": url_for(".show_bordereau", **here, after=page.next) if page.next else None,
    }


def _history(bordereau: Bordereau) -> dict[str, Any]:
    events = history_of("bordereau", bordereau.id, limit=HISTORY_SHOWN)
    return {"events": list(reversed(events))}


PARTS: dict[str, Callable[[Bordereau], dict[str, Any]]] = {
    "head": _head,
    "steps": _steps,
    "facts": _facts,
    "progress": _progress,
    "bulletins": _bulletins,
    "history": _history,
}
