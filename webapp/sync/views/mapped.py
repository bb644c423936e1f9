"""How a connection is asked, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.sync.connectors.declaration import Shape
from webapp.sync.connectors.plan import Plan, certain_plan, parts

SIGNED_BY = {
    "bearer": _l("the token in the header Authorization (Bearer)"),
    "header": _l("the token in a header of its own"),
    "query": _l("a key in the address"),
    "form": _l("a key in the form"),
    "basic": _l("user name and password"),
    "none": _l("nothing; reading is open"),
}
PAGED_BY = {
    "none": _l("all in one answer"),
    "cursor": _l("each answer names the next page"),
    "page_number": _l("numbered pages"),
    "offset": _l("so many records further each time"),
    "link": _l("each answer links to the next page"),
    "window": _l("slices of time, smaller where there is much"),
}
ASKED_BY = {
    "updated_since": _l("asked by time of change"),
    "created_window": _l("new ones by time of creation; open ones asked for again"),
    "full": _l("everything is read; what is unchanged is recognised and left alone"),
}


def asking_of(shape: Shape, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How reports are asked for and statuses sent, as (name, words) pairs."""
    chosen = _chosen(shape, options)
    auth, paging, incremental = parts(shape, chosen)
    pushes = [call.title for call in shape.push.values()]
    return [
        (_("Speaks as"), shape.title),
        (_("List"), f"GET {shape.base_path}{shape.list.path}"),
        (_("Signs in by"), str(SIGNED_BY.get(auth.kind, auth.kind))),
        (_("Pages"), str(PAGED_BY.get(paging.kind, paging.kind))),
        (_("Only what changed"), str(ASKED_BY.get(incremental.kind, incremental.kind))),
        (_("Sends back"), ", ".join(pushes) or _("nothing")),
    ]


def ways_in_use(shape: Shape, options: Mapping[str, Any]) -> dict[str, int]:
    """auth, paging, incremental → the position of the way that works there."""
    chosen = _chosen(shape, options)
    return {"auth": chosen.auth, "paging": chosen.paging, "incremental": chosen.incremental}


def _chosen(shape: Shape, options: Mapping[str, Any]) -> Plan:
    plan = options.get("plan") or {}
    return Plan(**plan) if plan.get("shape") == shape.name else certain_plan(shape)
