"""Tulay: an operations desk that stays in step with the systems its work comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every process below this package comes through here, and few of them need Flask
    from flask import Flask

    from webapp.core.settings import Settings


def create_app(settings: Settings | None = None, *, pages: bool = True) -> Flask:
    """The application, wired. Without `settings` they come from the environment.

    Without `pages`, as for our own commands, it answers no requests: what runs tasks needs neither routes nor all
    they bring along.
    """
    from webapp import cli

    if settings is None and cli.is_up():
        return cli.only_up()
    from webapp.core import starting

    settings = starting.begin(settings)  # a wrong one is told before anything large is loaded
    from webapp.core.collecting import uncollected

    with uncollected():
        from webapp import wiring

        return wiring.wire(settings, pages=pages and not cli.is_work())
