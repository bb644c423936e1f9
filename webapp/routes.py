"""The site map: blueprints, and what stands in the sidebar for whom."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, request
from flask_babel import lazy_gettext as _l

from webapp.accounts import identity
from webapp.accounts.roles import Permission
from webapp.claims import guards as claims
from webapp.core import settings
from webapp.fieldwork import guards as fieldwork

# module, and its blueprints' prefix where it has one
BLUEPRINTS = (
    "webapp.accounts.views",
    "webapp.accounts.api",
    "webapp.tickets.views",
    "webapp.push.views",
    "webapp.imports.views",
    "webapp.claims.views",
    "webapp.targets.views",
    "webapp.inbound.views",
    "webapp.fieldwork.views",
    "webapp.fieldwork.api",
    "webapp.sync.views",
    "webapp.sync.api.mynaga",
    "webapp.sync.api.tuniclaim",
    "webapp.chat.views",
    "webapp.chat.api",
    "webapp.progress.views",
    "webapp.progress.api",
    "webapp.audit.views",
    "webapp.notifications.views",
    "webapp.notifications.api",
    "webapp.realtime.views",
    "webapp.realtime.here",
    "webapp.admin.views",
)
DEMO_BLUEPRINTS = ("webapp.demo.views",)


@dataclass(frozen=True)
class NavItem:
    endpoint: str
    label: str = field(hash=False)  # looked up in the page's language when it is shown
    icon: str
    permission: Permission
    section: str  # the first part of the addresses that belong to it
    shown: Callable[[], bool] = lambda: True  # asked of those who may enter
    shortcut: str = ""  # that lead there, where the person has not switched them off


NAV = (
    NavItem(
        "admin.home",
        _l("Dashboard"),
        "layout-dashboard",
        Permission.TICKETS_SEE,
        "",
        shortcut="g h",
    ),
    NavItem(
        "tickets.list_tickets",
        _l("Tickets"),
        "inbox",
        Permission.TICKETS_SEE,
        "tickets",
        shortcut="g t",
    ),
    NavItem("tickets.list_clusters", _l("Clusters"), "layers", Permission.TICKETS_SEE, "clusters"),
    NavItem(
        "fieldwork.list_jobs", _l("Jobs"), "hard-hat", Permission.JOBS_PLAN, "jobs", shortcut="g j"
    ),
    NavItem(
        "fieldwork.my_day",
        _l("My day"),
        "calendar",
        Permission.JOBS_WORK,
        "my-day",
        fieldwork.has_days,
    ),
    NavItem("targets.show_reports", _l("Reports"), "chart-bar", Permission.TICKETS_SEE, "reports"),
    NavItem(
        "claims.index",
        _l("Claims"),
        "shield",
        Permission.CLAIMS_SEE,
        "claims",
        claims.leads_somewhere,
    ),
    NavItem(
        "sync.list_connections", _l("Connections"), "cable", Permission.SYNC_MANAGE, "connections"
    ),
    NavItem("admin.outbox", _l("Outbox"), "send", Permission.OUTBOX_MANAGE, "outbox"),
    NavItem("inbound.list_mails", _l("Incoming mail"), "mail", Permission.OUTBOX_MANAGE, "mail-in"),
    NavItem("chat.index", _l("Chat"), "message-square", Permission.CHAT_USE, "chat"),
    NavItem(
        "progress.overview",
        _l("My progress"),
        "trending-up",
        Permission.PROGRESS_KEEP,
        "progress",
    ),
    NavItem("audit.index", _l("Audit"), "scroll-text", Permission.AUDIT_SEE, "audit"),
    NavItem("admin.health", _l("Health"), "activity", Permission.DESK_MANAGE, "health"),
    NavItem("admin.settings", _l("Settings"), "settings", Permission.DESK_MANAGE, "settings"),
)
DEMO_NAV = NavItem("demo.home", _l("Demo"), "flask-conical", Permission.DESK_MANAGE, "demo")


def init_app(app: Flask) -> None:
    demo = settings.current().tulay_demo
    for name in BLUEPRINTS + (DEMO_BLUEPRINTS if demo else ()):
        app.register_blueprint(importlib.import_module(name).bp)
    app.context_processor(lambda: {"nav_for_viewer": nav_for_viewer, "demo": demo})


def nav_for_viewer() -> tuple[tuple[NavItem, bool], ...]:
    """What the sidebar shows to the person asking, each with whether the page belongs to it."""
    user = identity.person()
    if user is None:
        return ()
    here = request.path.strip("/").split("/")[0]
    items = NAV + ((DEMO_NAV,) if settings.current().tulay_demo else ())
    return tuple(
        (item, here == item.section) for item in items if user.may(item.permission) and item.shown()
    )
