"""The pages of tickets: public ones (report, follow), and the desk's."""

from __future__ import annotations

from webapp.tickets.clustering import views as clustering
from webapp.tickets.lists import views as saved_views
from webapp.tickets.portal import views as portal
from webapp.tickets.views import (
    creating,
    drafting,
    editing,
    exporting,
    files,
    following,
    listing,
    many,
    mapped,
    organising,
    relating,
    replies,
    reporting,
    splitting,
    ticket,
    watching,
    working,
)
from webapp.tickets.views.blueprint import bp

__all__ = [
    "bp",
    "clustering",
    "creating",
    "drafting",
    "editing",
    "exporting",
    "files",
    "following",
    "listing",
    "many",
    "mapped",
    "organising",
    "portal",
    "relating",
    "replies",
    "reporting",
    "saved_views",
    "splitting",
    "ticket",
    "watching",
    "working",
]
