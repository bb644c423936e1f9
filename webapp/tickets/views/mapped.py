"""/tickets/map: the list's tickets as pins, with the list beside them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.core.errors import Invalid
from webapp.core.web import render
from webapp.tickets import queries, words
from webapp.tickets.areas import Area, area_of
from webapp.tickets.queries import Filters, mapped
from webapp.tickets.queries.mapped import Pin
from webapp.tickets.views import intake
from webapp.tickets.views.blueprint import bp

SIDES = ("south", "west", "north", "east")


@bp.get("/tickets/map")
@requires(Permission.TICKETS_SEE)
def show_map() -> str | BaseResponse:
    typed = _typed_area()
    if typed is not None:
        args = {**Filters.of(request.args).as_args(), "area": str(typed)}
        return redirect(url_for(".show_map", **args))
    intake.allow_tiles(desk().tiles_url)
    shown = _rows()
    filters = shown["filters"]
    return render(
        "tickets/map/map.html",
        desk=desk(),
        area=area_of(filters.area),
        start=mapped.area_of_all(viewer(), filters),
        pins=url_for(".map_pins", **filters.as_args()),
        wrong="area" in request.args and not filters.area,
        live_topics=["staff"],
        **shown,
    )


@bp.get("/tickets/map/rows")
@requires(Permission.TICKETS_SEE)
def map_rows() -> str:
    """The list beside the map alone, for its live region."""
    return render("tickets/map/_list.html", **_rows())


@bp.get("/tickets/map/pins")
@requires(Permission.TICKETS_SEE)
def map_pins() -> Response:
    """What lies in `view` at this `zoom`; the filters' own area is drawn, and leaves no pin out."""
    view = area_of(request.args.get("view", ""))
    if view is None:
        raise Invalid(_("A view is four numbers: south, west, north, east."))
    filters = Filters.of({**request.args, "area": ""})
    zoom = request.args.get("zoom", 0, type=int)
    found = mapped.pins_of(viewer(), filters, view=view, zoom=zoom)
    more = _("Only the newest tickets are on the map.") if found.more else ""
    return jsonify(pins=[_as_json(pin) for pin in found.pins], more=more)


def _typed_area() -> Area | None:
    """The four sides as they were typed into their fields; a wrong one shows the page with a word about it."""
    if not any(name in request.args for name in SIDES):
        return None
    text = ",".join(request.args.get(name, "").strip() for name in SIDES)
    found = area_of(text)
    if found is None:
        raise Invalid(
            _("An area has a south below its north, between -90 and 90, and a west and an east.")
        )
    return found


def _rows() -> dict[str, Any]:
    filters = Filters.of(request.args)
    after = request.args.get("after") or None
    page = queries.tickets_page(queries.matching(viewer(), filters), after=after)
    args = filters.as_args()
    return {
        "filters": filters,
        "tickets": page.rows,
        "src": url_for(".map_rows", **args, after=after),
        "newest": url_for(".show_map", **args) if after else None,
        "older": url_for(".show_map", **args, after=page.next) if page.next else None,
    }


def _as_json(pin: Pin) -> dict[str, Any]:
    ticket = pin.ticket
    if ticket is None:
        label = ngettext("%(num)s ticket here", "%(num)s tickets here", pin.count)
        own = {"label": label}
    else:
        own = {
            "label": f"{ticket.title}, {words.status_name(ticket.status)}",
            "title": ticket.title,
            "below": f"{ticket.ref} · {words.status_name(ticket.status)}",
            "url": url_for(".show_ticket", ref=ticket.ref),
        }
    return {"at": [pin.lat, pin.lng], "count": pin.count, "area": pin.area.sides, **own}
