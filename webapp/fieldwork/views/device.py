"""What a device needs to work without a network: the app that it installs, a page for when there is none, the page of
what waits on it, and who it is that sends."""

from __future__ import annotations

import json

from flask import Response, jsonify, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from webapp.accounts.guards import public, signed_in, viewer
from webapp.core.assets import asset
from webapp.core.web import render
from webapp.fieldwork.views.blueprint import bp

BACKGROUND, THEME = "#f6f5f1", "#12333a"  # as in css/tokens.css: --page, --side


@bp.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Of the app that a phone installs: it opens on the day's jobs."""
    told = {
        "id": url_for(".my_day"),
        "name": _("Tulay field work"),
        "short_name": "Tulay",
        "description": _("The day's jobs, the chat and reports, with or without a network."),
        "start_url": url_for(".my_day"),
        "scope": url_for("admin.home"),
        "display": "standalone",
        "background_color": BACKGROUND,
        "theme_color": THEME,
        "lang": str(get_locale() or "en"),
        "icons": [
            _icon("icon-192.png", 192, "any"),
            _icon("icon-512.png", 512, "any"),
            _icon("icon-maskable-512.png", 512, "maskable"),
        ],
        "shortcuts": [
            {"name": _("Chat"), "url": url_for("chat.index")},
            {"name": _("Report a problem"), "url": url_for("tickets.new_report")},
        ],
    }
    return Response(
        json.dumps(told, ensure_ascii=False),
        mimetype="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )


@bp.get("/offline")
@public
def without_network() -> str:
    """Kept on each device: shown instead of pages that are not."""
    return render("fieldwork/offline.html")


@bp.get("/my-day/session")
@signed_in
def session_of_device() -> Response:
    """Who is signed in, and a fresh token for the forms that a device kept."""
    answer = jsonify(person=viewer().id, csrf=generate_csrf())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/my-day/device")
@signed_in
def on_this_device() -> str:
    """The page's script fills it with what the device keeps."""
    return render("fieldwork/device.html", live_topics=[f"user:{viewer().id}"])


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {
        "src": asset(f"icons/{name}"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }
