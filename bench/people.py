"""Those who work at a bench's desk: an admin inside its database, agents at its pages."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

import httpx
from sqlalchemy import select

from webapp import create_app
from webapp.accounts import actions as accounts
from webapp.core import db
from webapp.demo.mynaga.tokens import FULL_TOKEN
from webapp.events.types import SYSTEM, Actor
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.models import Connection, Link
from webapp.tickets.models import Ticket

LOOK_EVERY_S = 0.01


class Amihan:
    """The admin: makes the desk and its connections, and sees what its database says."""

    def __init__(self) -> None:
        self.actor = Actor("user", 1, "Amihan")
        self.desk = create_app()
        with self.desk.app_context():
            db.Base.metadata.create_all(db.db.engine)
            self.dialect = db.db.engine.dialect.name

    def hires(self, role: str) -> tuple[str, str]:
        """E-mail and password of somebody new."""
        password = secrets.token_hex(12)
        with self.desk.app_context(), db.transaction():
            user = accounts.create_user(
                f"{secrets.token_hex(4)}@bench.example",
                name="Bench", role=role, password=password, actor=SYSTEM,
            )  # fmt: skip
            return user.email, password

    def connects(self, name: str, url: str) -> int:
        with self.desk.app_context(), db.transaction():
            made = actions.create_connection(
                kind="mynaga", name=name, base_url=url, secret=FULL_TOKEN, allow_http=True,
                interval_minutes=1, actor=SYSTEM,
            )  # fmt: skip
        return int(made.id)

    def syncs(self, connection_id: int) -> None:
        """Presses `Sync now`."""
        with self.desk.app_context(), db.transaction() as session:
            connection = session.get_one(Connection, connection_id, populate_existing=True)
            actions.request_sync(connection, actor=self.actor)

    def last_success(self, connection_id: int) -> object:
        return self._read(select(Connection.last_success_at).where(Connection.id == connection_id))

    def links(self, connection_id: int) -> int:
        with self.desk.app_context():
            return len(db.session().scalars(
                select(Link.id).where(Link.connection_id == connection_id)).all())  # fmt: skip

    def ref_of(self, connection_id: int, report_id: str) -> str:
        """Two upstreams may have a report of the same id."""
        mine = (Link.connection_id == connection_id) & (Link.external_id == report_id)
        found = self._read(select(Ticket.ref).join(Link, Link.local_id == Ticket.id).where(mine))
        return str(found)

    def newest_state(self, ref: str) -> str:
        """Of the ticket's last push."""
        pushes = (
            select(Delivery.state)
            .join(Ticket, Ticket.id == Delivery.subject_id)
            .where(Ticket.ref == ref, Delivery.channel == "push")
        )
        return str(self._read(pushes.order_by(Delivery.id.desc()).limit(1)))

    def waits_for_pull(self, connection_id: int, *, since: object = None) -> None:
        until(lambda: self.last_success(connection_id) != since, seconds=180)

    def _read(self, query: object) -> object:
        with self.desk.app_context():
            return db.session().scalar(query)  # type: ignore[call-overload]


class Agent:
    """Signed in over HTTP; does what a browser with htmx does."""

    def __init__(self, port: int, email: str, password: str) -> None:
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60, follow_redirects=True
        )
        fields = {**self._fields("/login"), "email": email, "password": password}
        answer = self._http.post("/login", data=fields)
        if answer.status_code != 200 or answer.url.path == "/login":
            raise SystemExit(f"Signing in failed: {answer.status_code}")

    def opens(self, ref: str) -> dict[str, str]:
        """The ticket's page; what its status form holds."""
        return self._fields(f"/tickets/{ref}")

    def sets(self, ref: str, status: str, form: dict[str, str]) -> None:
        address = f"/tickets/{ref}/status"
        headers = {"HX-Request": "true", "HX-Current-URL": f"{self._http.base_url}/tickets/{ref}"}
        headers["X-CSRFToken"] = form["csrf_token"]
        answer = self._http.post(address, data={**form, "status": status}, headers=headers)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}: {answer.text[:300]}")

    def _fields(self, address: str) -> dict[str, str]:
        page = self._http.get(address).raise_for_status().text
        found = {}
        for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
            name, value = (re.search(rf'\b{each}="([^"]*)"', tag) for each in ("name", "value"))
            if name and value:
                found.setdefault(name[1], value[1])
        return {n: v for n, v in found.items() if n in ("csrf_token", "seen_status", "version")}


def until(condition: Callable[[], object], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"It did not happen within {seconds:.0f} s.")
        time.sleep(LOOK_EVERY_S)
