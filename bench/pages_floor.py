"""The floor that the desk's pages are measured against: one Core query and one Jinja template for the same rows.

The same gunicorn with the same settings, the same database, Flask and nothing else: no sign-in, no rights, no counts,
no live parts, no chips. `gunicorn "bench.pages_floor:create_app()"` with DATABASE_URL.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, redirect, render_template, request
from sqlalchemy import create_engine, insert, text

from webapp.tickets.models import Response as Answer
from webapp.tickets.models import Ticket

COLUMNS = "id, ref, title, place, barangay, status, category, source, source_name, assignee_id, reported_at"
UNFINISHED = "status IN ('open', 'in_progress', 'for_rerouting')"


def create_app() -> Flask:
    app = Flask(__name__, template_folder="floor_templates")
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    lite = url.startswith("sqlite")
    engine = create_engine(url, connect_args={"timeout": 60} if lite else {})
    matches = (
        "id IN (SELECT ticket_id FROM ticket_search WHERE words @@ to_tsquery('simple', :q))"
        if engine.dialect.name == "postgresql"
        else "id IN (SELECT rowid FROM ticket_search WHERE ticket_search MATCH :q)"
    )

    def listed(where: str, **values: Any) -> str:
        query = (
            f"SELECT {COLUMNS} FROM ticket WHERE {where} ORDER BY created_at DESC, id DESC LIMIT 51"
        )
        with engine.connect() as connection:
            rows = connection.execute(text(query), values).all()
        return render_template("list.html", rows=rows[:50])

    @app.get("/list")
    def tickets() -> str:
        return listed(UNFINISHED)

    @app.get("/filtered")
    def filtered() -> str:
        where = "status = :status AND category = :category"
        return listed(where, status="open", category=request.args["category"])

    @app.get("/deep")
    def deep() -> str:
        return listed(f"{UNFINISHED} AND id < :id AND created_at < :at", **request.args.to_dict())

    @app.get("/search")
    def search() -> str:
        return listed(f"{UNFINISHED} AND {matches}", q=request.args["q"])

    @app.get("/ticket")
    def ticket() -> str:
        with engine.connect() as connection:
            found = connection.execute(
                text("SELECT * FROM ticket WHERE ref = :ref"), {"ref": request.args["ref"]}
            ).one()
            query = text("SELECT * FROM response WHERE ticket_id = :id ORDER BY id")
            responses = connection.execute(query, {"id": found.id}).all()
        return render_template("ticket.html", ticket=found, responses=responses)

    @app.get("/poll")
    def poll() -> Response:
        return Response(status=304)

    @app.post("/create")
    def create() -> Any:
        now = datetime.now(UTC)
        values = {"ref": f"B-{secrets.token_hex(7)}", "title": request.form["title"]}
        values |= {"description": request.form["description"], "category": "Roads"}
        values |= {"status": "open", "source": "desk", "follow_token": secrets.token_hex(16)}
        times = {"reported_at": now, "created_at": now, "updated_at": now}
        with engine.begin() as connection:
            connection.execute(insert(Ticket.__table__).values(**values, **times, version=1))
        return redirect("/list", 303)

    @app.post("/reply")
    def reply() -> Any:
        now = datetime.now(UTC).replace(tzinfo=None)
        with engine.begin() as connection:
            key = connection.execute(
                text("UPDATE ticket SET updated_at = :now WHERE ref = :ref RETURNING id"),
                {"now": now, "ref": request.args["ref"]},
            ).scalar_one()
            values = {"author_kind": "user", "author_name": "Bench", "body": request.form["body"]}
            connection.execute(
                insert(Answer.__table__).values(
                    **values, ticket_id=key, created_at=datetime.now(UTC)
                )
            )
        return redirect("/list", 303)

    return app
