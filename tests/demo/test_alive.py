"""Ticker and mail catcher."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

from tests.conftest import free_port
from tests.fakes.upstreams import mynaga_server
from webapp.demo import mailbox
from webapp.demo.catching import catching
from webapp.demo.mailbox import Mailbox
from webapp.demo.ticker import Pace, Ticker
from webapp.demo.trouble import Troubles


class Noting:
    """An upstream that only notes what the ticker does to it."""

    def __init__(self) -> None:
        self.shelf = self
        self.troubles = Troubles()
        self.done: list[str] = []

    def count(self) -> int:
        return self.done.count("add")

    def add(self) -> dict:
        self.done.append("add")
        return {}

    def change_something(self) -> None:
        self.done.append("change")


def test_a_beat_adds_and_every_second_beat_changes() -> None:
    upstream = Noting()
    ticker = Ticker(upstream, Pace())  # type: ignore[arg-type]
    for _ in range(4):
        ticker.beat()
    assert upstream.done == ["add", "add", "change", "add", "add", "change"]


def test_it_stops_adding_at_the_limit() -> None:
    with mynaga_server(records=5) as naga:
        ticker = Ticker(naga.upstream, Pace(most=6))
        for _ in range(10):
            ticker.beat()
        assert naga.upstream.shelf.count() == 6


def test_it_slows_down_after_a_while() -> None:
    assert [Pace().pause(at) for at in (0, 599, 600, 9000)] == [8, 8, 60, 60]


def test_an_unannounced_status_turns_up_now_and_then() -> None:
    with mynaga_server(records=20) as naga:
        for _ in range(120):
            naga.upstream.change_something()
            naga.add()
        seen = {row.status for row in naga.upstream.shelf.by_creation(limit=500)}
        assert "Under Review" in seen


def test_a_caught_mail_can_be_read(tmp_path: Path) -> None:
    box, port = Mailbox(tmp_path / "mail"), free_port()
    controller = catching(box, port=port)
    controller.start()
    try:
        message = EmailMessage()
        message["From"], message["To"] = "desk@example.org", "rosa@example.org"
        message["Subject"] = "Nakuha na namin ang ulat"
        message.set_content("Salamat.")
        message.add_alternative("<p>Salamat.</p>", subtype="html")
        with smtplib.SMTP("127.0.0.1", port) as connection:
            connection.send_message(message)
    finally:
        controller.stop()
    (mail,) = box.newest()
    assert (mail.to, mail.subject) == ("rosa@example.org", "Nakuha na namin ang ulat")
    assert (mail.text.strip(), mail.html.strip()) == ("Salamat.", "<p>Salamat.</p>")
    found = box.find(mail.key)
    assert found is not None
    assert found.subject == mail.subject


def test_only_the_newest_mails_are_kept(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(mailbox, "KEPT", 5)
    box = Mailbox(tmp_path)
    for number in range(9):
        box.keep(f"Subject: mail {number}\r\n\r\nText".encode())
    assert [mail.subject for mail in box.newest()] == [f"mail {n}" for n in (8, 7, 6, 5, 4)]


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.eml").write_text("Subject: secret\n\nNo.")
    box = Mailbox(tmp_path / "mail")
    assert box.find("../secret") is None
