"""Tickets that were mailed about, mails that come in, and a real IMAP server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import PATIENCE_S, free_port
from webapp.core import db
from webapp.events.types import Actor
from webapp.inbound import receiving, tasks
from webapp.mail.models import InboundMail, Mailbox, MailMessage
from webapp.tickets import actions as tickets
from webapp.tickets.forms import ReportForm
from webapp.tickets.models import Ticket

Take = Callable[..., InboundMail]
PASSWORD = "secret of the mailbox"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_location = maildir:{folder}/mail
first_valid_uid = 0
last_valid_uid = 0
mail_uid = {user}
mail_gid = {group}
passdb {{
  driver = passwd-file
  args = scheme=plain {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service imap {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@pytest.fixture
def take(app: Flask) -> Take:
    """A mail comes in and is taken; its row as it then is."""

    def come(raw: bytes, *, size: int | None = None) -> InboundMail:
        with db.transaction():
            mail_id = receiving.receive(raw, size=size)
        tasks.take(mail_id)
        db.session().rollback()
        return db.session().get_one(InboundMail, mail_id, populate_existing=True)

    return come


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    with db.transaction():
        box = Mailbox(address="desk@desk.example")
        db.session().add(box)
    return box


@pytest.fixture
def lamp(app: Flask) -> SimpleNamespace:
    """A report of Ana's. `our_id(role)`: the Message-ID of the newest mail about it to that role."""
    form = ReportForm(
        title="Broken lamp", description="Dark.", name="Ana Cruz", email="ana@example.org"
    )
    with db.transaction():
        ticket = tickets.submit_report(form, actor=Actor("reporter", None, "Ana Cruz"))

    def our_id(role: str = "reporter") -> str:
        db.session().rollback()
        query = select(MailMessage.message_id).where(
            MailMessage.thread == f"ticket:{ticket.id}:{role}"
        )
        return db.session().scalars(query.order_by(MailMessage.id.desc())).first() or ""

    def now() -> Ticket:
        db.session().rollback()
        return db.session().get_one(Ticket, ticket.id, populate_existing=True)

    return SimpleNamespace(id=ticket.id, ref=ticket.ref, our_id=our_id, now=now)


class Dovecot:
    """A real IMAP server on 127.0.0.1 with one account, `desk`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    def deliver(self, raw: bytes, name: str) -> None:
        """As a mail server puts it there."""
        (self.folder / "mail" / "tmp" / name).write_bytes(raw)
        (self.folder / "mail" / "tmp" / name).rename(self.folder / "mail" / "new" / name)

    def names(self, box: str = "") -> list[str]:
        """Files of a folder: with their flags once they were seen."""
        at = self.folder / "mail" / box
        return sorted(p.name for sub in ("new", "cur") for p in (at / sub).glob("*"))

    def empty(self) -> None:
        shutil.rmtree(self.folder / "mail", ignore_errors=True)
        for sub in ("new", "cur", "tmp"):
            (self.folder / "mail" / sub).mkdir(parents=True)
        _own(self.folder / "mail")


def _own(path: Path) -> None:
    """Dovecot does not serve mail as root."""
    if os.getuid() == 0:
        for each in [path, *path.rglob("*")]:
            shutil.chown(each, "nobody", "nogroup")


@pytest.fixture(scope="session")
def _dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    binary = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if binary is None:
        pytest.skip("no dovecot on this machine: install dovecot-imapd to run the tests of IMAP")
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="tulay-imap-"))  # short: its sockets stand below it
    folder.chmod(0o755)
    server = Dovecot(folder, free_port())
    user, group = ("nobody", "nogroup") if os.getuid() == 0 else (os.getlogin(), os.getlogin())
    (folder / "home").mkdir()
    (folder / "users").write_text(f"desk:{PASSWORD}\n")
    (folder / "config").write_text(
        CONFIG.format(folder=folder, port=server.port, user=user, group=group)
    )
    server.empty()
    _own(folder / "home")
    process = subprocess.Popen([binary, "-F", "-c", str(folder / "config")])
    _wait(server.port, folder / "log")
    yield server
    process.terminate()
    process.wait(PATIENCE_S)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dovecot(_dovecot: Dovecot) -> Dovecot:
    _dovecot.empty()
    return _dovecot


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else ''}")
