"""Fetching from a real IMAP server, and the whole way: a real SMTP server takes our mail, its answer comes back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.fakes.catcher import catching
from tests.inbound.conftest import PASSWORD, Dovecot
from tests.inbound.mails import mail
from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core import settings as core_settings
from webapp.core.settings import Settings
from webapp.events.models import Event
from webapp.inbound import imap, pulling, tasks
from webapp.mail.models import InboundMail, Mailbox
from webapp.outbox import tasks as outbox
from webapp.outbox.models import Delivery
from webapp.tickets.models import Response, Ticket

SignIn = Callable[[User], FlaskClient]
ROOT = Path(__file__).parents[2]


def form(server: Dovecot, **changes: str) -> dict[str, str]:
    return {
        "address": "desk@desk.example",
        "active": "1",
        "host": "127.0.0.1",
        "port": str(server.port),
        "security": "none",
        "username": "desk",
        "password": PASSWORD,
        "folder": "INBOX",
        "done_folder": "",
        "interval_minutes": "2",
        **changes,
    }


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.amihan)


def fetch() -> int | None:
    """What the clock does when it is due."""
    with db.transaction() as session:
        for box in session.scalars(select(Mailbox)):
            box.next_pull_at, box.lease_token = clock.now(), None
    count = pulling.pull()
    db.session().rollback()
    for mail_id in (
        db.session().scalars(select(InboundMail.id).where(InboundMail.state == "new")).all()
    ):
        tasks.take(mail_id)
    db.session().rollback()
    return count


def total(model: type) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def test_mails_are_fetched_once_and_marked(admin: FlaskClient, dovecot: Dovecot) -> None:
    assert admin.post("/settings/mail-in", data=form(dovecot)).status_code == 303
    for n in range(3):
        dovecot.deliver(mail(f"Lamp {n}", message_id=f"<{n}@x>"), f"m{n}")
    assert fetch() == 3
    assert total(Ticket) == 3
    assert all(name.endswith("S") for name in dovecot.names())
    assert fetch() == 0
    dovecot.deliver(mail("Lamp 4", message_id="<4@x>"), "m4")
    assert fetch() == 1
    assert total(Ticket) == 4
    box = db.session().scalars(select(Mailbox)).one()
    assert (box.error, box.failures) == ("", 0)
    assert PASSWORD not in box.sealed


def test_taken_mails_are_moved_where_a_folder_is_named(
    admin: FlaskClient, dovecot: Dovecot
) -> None:
    assert (
        admin.post(
            "/settings/mail-in", data=form(dovecot, done_folder="Erledigt & gut ü")
        ).status_code
        == 303
    )
    dovecot.deliver(mail(), "m1")
    assert fetch() == 1
    assert dovecot.names() == []
    [moved] = [each for each in (dovecot.folder / "mail").iterdir() if each.name.startswith(".Erl")]
    assert len(dovecot.names(moved.name)) == 1


def test_a_folder_that_is_numbered_anew_brings_nothing_twice(
    admin: FlaskClient, dovecot: Dovecot
) -> None:
    admin.post("/settings/mail-in", data=form(dovecot))
    dovecot.deliver(mail(), "m1")
    fetch()
    with db.transaction() as session:
        session.scalars(select(Mailbox)).one().uid_validity = 1
    assert fetch() == 1, "it is looked at again"
    assert (total(InboundMail), total(Ticket)) == (1, 1)


def test_a_worker_killed_between_keeping_and_marking_loses_and_doubles_nothing(
    admin: FlaskClient, dovecot: Dovecot, settings: Settings
) -> None:
    admin.post("/settings/mail-in", data=form(dovecot))
    for n in range(4):
        dovecot.deliver(mail(f"Lamp {n}", message_id=f"<{n}@x>"), f"m{n}")
    code = (
        "import os, signal\nfrom webapp import create_app\nfrom webapp.core.settings import load\n"
        "from webapp.inbound import imap, pulling\n"
        "done, seen = imap.Folder.done, []\n"
        "def dying(self, uid, *, into):\n"
        "    seen.append(uid)\n"
        "    if len(seen) == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    done(self, uid, into=into)\n"
        "imap.Folder.done = dying\n"
        "app = create_app(load())\n"
        "with app.app_context(): pulling.pull()\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(settings), check=False, timeout=120
    )
    assert process.returncode == -9
    db.session().rollback()
    assert total(InboundMail) == 3
    assert fetch() == 2, "the third again, and the fourth"
    assert (total(InboundMail), total(Ticket)) == (4, 4)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"password": "wrong"}, "password"),
        ({"folder": "Nowhere"}, "no folder"),
        ({"port": "1"}, "cannot be reached"),
        ({"host": "no-such-host.invalid"}, "no server named"),
        ({"security": "tls"}, "encrypted connection failed"),
        ({"security": "starttls"}, "does not offer STARTTLS"),
    ],
)
def test_settings_are_tried_out_before_they_are_saved(
    admin: FlaskClient, dovecot: Dovecot, change: dict[str, str], word: str
) -> None:
    answer = admin.post("/settings/mail-in", data=form(dovecot, **change))
    assert answer.status_code == 422
    assert word in answer.text
    assert PASSWORD not in answer.text
    assert total(Mailbox) == 0


def test_a_server_that_is_away_is_named_and_tried_again_later(
    admin: FlaskClient, dovecot: Dovecot
) -> None:
    admin.post("/settings/mail-in", data=form(dovecot))
    with db.transaction() as session:
        session.scalars(select(Mailbox)).one().folder = "Gone"
    assert fetch() is None
    box = db.session().scalars(select(Mailbox)).one()
    assert box.failures == 1
    assert "no folder" in box.error
    assert box.next_pull_at > clock.now()  # type: ignore[operator]
    assert "no folder" in admin.get("/mail-in").text


def test_a_private_address_is_not_dialled_unless_allowed(app: Flask, settings: Settings) -> None:
    core_settings.install(settings.model_copy(update={"sync_allowed_nets": ()}))
    try:
        place = imap.Place("127.0.0.1", 143, "none", "x", "y")
        with pytest.raises(Exception, match="SYNC_ALLOWED_NETS"), imap.opened(place):
            pass
    finally:
        core_settings.install(settings)


def test_an_answer_to_our_mail_comes_back_to_its_ticket(
    admin: FlaskClient, dovecot: Dovecot, settings: Settings
) -> None:
    """A mail makes a ticket; SMTP takes our confirmation; a program answers it; IMAP brings that answer."""
    admin.post("/settings/mail-in", data=form(dovecot))
    dovecot.deliver(mail(), "m1")
    fetch()
    with catching() as catcher:
        server = {
            "mail_server": "127.0.0.1",
            "mail_port": catcher.port,
            "mail_default_sender": "Desk <desk@desk.example>",
        }
        core_settings.install(settings.model_copy(update=server))
        try:
            outbox.drain("mail")
        finally:
            core_settings.install(settings)
    [ours] = catcher.mails
    assert ours["In-Reply-To"] == "<1@example.org>"
    assert ours["Auto-Submitted"] == "auto-replied"
    assert ours["X-Loop"] == "desk@desk.example"
    assert ours["Reply-To"].startswith("desk+")
    dovecot.deliver(
        mail("One more lamp.", to=str(ours["Reply-To"]), subject="x", message_id="<2@x>"), "m2"
    )
    dovecot.deliver(catcher.raw[0], "m3")  # and ours itself, by some rule of their server
    fetch()
    [response] = db.session().scalars(select(Response))
    assert response.body == "One more lamp."
    assert total(Ticket) == 1


def environment(settings: Settings) -> dict[str, str]:
    secret = settings.secret_key.get_secret_value()
    keys = ",".join(key.get_secret_value() for key in settings.tulay_secret_keys)
    return {
        **os.environ,
        "SECRET_KEY": secret,
        "TULAY_SECRET_KEYS": keys,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ATTACHMENTS_URL": settings.attachments_url,
        "SYNC_ALLOWED_NETS": "127.0.0.0/8",
    }


@pytest.mark.parametrize(("raw", "code", "kept"), [(mail(), 0, 1), (b" \n", 65, 0)])
def test_a_mail_server_pipes_mails_in(
    app: Flask, settings: Settings, raw: bytes, code: int, kept: int
) -> None:
    assert pipe(environment(settings), raw) == code
    db.session().rollback()
    assert (total(InboundMail), total(Ticket)) == (kept, kept)


def test_the_pipe_asks_for_another_try_while_nothing_can_be_kept(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    away = environment(settings) | {"ATTACHMENTS_URL": f"file://{tmp_path}/file"}
    assert pipe(away, mail()) == 75


def pipe(variables: dict[str, str], raw: bytes) -> int:
    command = [sys.executable, "-m", "flask", "--app", "webapp", "mail-in"]
    return subprocess.run(
        command, cwd=ROOT, env=variables, input=raw, check=False, timeout=120
    ).returncode


def test_a_mailbox_that_fails_on_stands_on_health_and_admins_are_mailed_once(
    admin: FlaskClient, dovecot: Dovecot, people: SimpleNamespace
) -> None:
    admin.post("/settings/mail-in", data=form(dovecot))
    assert "Not read yet." in admin.get("/health").text
    with db.transaction() as session:
        session.scalars(select(Mailbox)).one().folder = "Gone"
    for _ in range(5):
        fetch()
    health = admin.get("/health").text
    assert "no folder" in health
    assert "Check server, user name and password under Settings" in health
    told = select(Delivery).where(Delivery.kind == "admin_incident").order_by(Delivery.id)
    mails = [each.payload["values"] for each in db.session().scalars(told)]
    assert [each["title"] for each in mails] == ["The mailbox cannot be read"]
    assert "no folder" in mails[0]["text"]
    with db.transaction() as session:
        session.scalars(select(Mailbox)).one().folder = "INBOX"
    fetch()
    kinds = select(Event.type).where(Event.type.startswith("mailbox.")).order_by(Event.id)
    assert list(db.session().scalars(kinds))[-2:] == ["mailbox.failing", "mailbox.recovered"]
    assert "Last read" in admin.get("/health").text
