"""A desk with nothing but the parts that live pages stand on, for tests that need real processes.

`TEST_LIVE_REDIS` names the Redis and `TEST_LIVE_DATABASE` the database; gunicorn calls `make_app()`.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, render_template_string, request

from webapp import create_app
from webapp.accounts import identity
from webapp.accounts.guards import public
from webapp.accounts.models import User
from webapp.core import clock, db, settings
from webapp.realtime import live
from webapp.tickets.models import Ticket

SECRET = "a secret for tests only, long enough to pass"
PEOPLE = {"amihan": "admin", "andres": "agent", "felix": "field", "nadia": "reporter"}


def make_app() -> Flask:
    app = create_app(
        settings.load(
            {
                "SECRET_KEY": SECRET,
                "TULAY_SECRET_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                "REDIS_URL": os.environ["TEST_LIVE_REDIS"],
                "DATABASE_URL": os.environ["TEST_LIVE_DATABASE"],
                "LOG_LEVEL": "WARNING",
            }
        )
    )
    _add_pages(app)
    return app


def fill(app: Flask) -> None:
    with app.app_context():
        db.Base.metadata.create_all(db.db.engine)
        with db.transaction() as session:
            for name, role in PEOPLE.items():
                session.add(
                    User(
                        email=f"{name}@example.org",
                        name=name.title(),
                        role=role,
                        password_hash="x",
                        created_at=clock.now(),
                    )
                )
            session.add(
                Ticket(
                    ref="T-1",
                    title="Broken lamp",
                    status="open",
                    follow_token="token-of-rosa-0001",
                    reported_at=clock.now(),
                    created_at=clock.now(),
                    updated_at=clock.now(),
                )
            )


def _add_pages(app: Flask) -> None:
    @app.get("/sign-in/<name>")
    @public
    def sign_in(name: str) -> str:
        user = db.session().query(User).filter_by(email=f"{name}@example.org").one()
        identity.enter(user)
        return f"{user.id}"

    @app.get("/sign-out")
    @public
    def sign_out() -> str:
        identity.leave()
        return "out"

    @app.get("/publish/<topic>/<int:first>/<int:last>")
    @public
    def publish(topic: str, first: int, last: int) -> str:
        for number in range(first, last + 1):
            live.signal(topic, "test:numbered", n=number)
        return "published"

    @app.get("/db-connections-in-use")
    @public
    def in_use() -> str:
        db.session().rollback()
        db.db.session.remove()
        return str(db.db.engine.pool.checkedout())  # type: ignore[attr-defined]

    @app.get("/page")
    @public
    def page() -> str:
        return render_template_string(
            PAGE, topics=request.args.get("topics", "staff").split(","), rows=ROWS
        )

    @app.get("/region")
    @public
    def region() -> str:
        return render_template_string(REGION, rows=ROWS)

    @app.get("/rows/<numbers>")
    @public
    def rows(numbers: str) -> str:
        """Set what the region holds, newest first, and tell the pages: `3:open,2:open,1:closed`."""
        ROWS[:] = [tuple(part.split(":")) for part in numbers.split(",")]
        live.signal("staff", "rows:changed")
        return "set"

    @app.post("/do")
    @public
    def do() -> str:
        """Publish as told: for pushes and toasts."""
        order = request.get_json()
        _publish(order.pop("call"), *order.pop("args"), **order)
        return "done"

    csrf = app.extensions["csrf"]
    csrf.exempt(do)


def _publish(call: str, topic: str, *args: Any, **options: Any) -> None:
    if call == "toast":
        live.toast([live.Toast([topic], *args, **options)])
    else:
        getattr(live, call)(topic, *args, **options)


ROWS: list[tuple[str, ...]] = [("2", "open"), ("1", "open")]

REGION = """
<div id="list" {% from "ui/live.html" import live_region %}{{ live_region("/region", "rows:changed") }}>
  <table><tbody>
  {% for number, state in rows %}<tr id="row-{{ number }}" data-live-row><td>{{ number }}</td><td>{{ state }}</td>
    <td><input id="field-{{ number }}" name="field" aria-label="field"><details><summary>more</summary>text</details></td></tr>{% endfor %}
  </tbody></table>
</div>"""

# The live parts of base.html without its sidebar, so that no other package's pages are needed.
PAGE = (
    """<!doctype html><html lang="en"><head><title>Live test</title>{% include "ui/head.html" %}</head>
<body hx-headers:inherited='{"X-CSRFToken": "{{ csrf_token() }}"}'>
<span id="live-state" class="live-state" role="status"></span><main id="main" tabindex="-1"><h1>Live test</h1>
<div id="seen" data-seen=""></div><p id="pushed">before</p><form><input id="typing" name="typing" aria-label="typing"></form>
"""
    + REGION
    + """</main>{% include "ui/_toast_region.html" %}{% from "ui/live.html" import live_stream with context %}{{ live_stream(topics) }}
{% include "ui/scripts.html" %}</body></html>"""
)
