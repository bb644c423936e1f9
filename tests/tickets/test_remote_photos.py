"""An upstream's photo is fetched once, by us, and drawn anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.tickets.make import make_pulled, photo
from webapp.tickets import queries
from webapp.tickets.values import RemoteFile


class Upstream(ThreadingHTTPServer):
    answers: dict[str, bytes]
    asked: list[str]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.answers.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream(("127.0.0.1", 0), _Handler)
    server.answers, server.asked = {"/p.jpg": photo(), "/evil.jpg": b"<script>alert(1)"}, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.fina)


def pulled(url: str, **file):
    (ticket,) = make_pulled(attachments=(RemoteFile(url=url, **file),))
    (attachment,) = queries.ticket_by_id(ticket.id).attachments
    return ticket, f"/tickets/{ticket.ref}/files/{attachment.id}"


def test_it_is_fetched_once_and_then_kept(desk, upstream) -> None:
    ticket, address = pulled(upstream.url("/p.jpg"))
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert f'<img src="{address}?size=thumb"' in page
    for query in ("?size=thumb", "", "?size=thumb"):
        answer = desk.get(address + query)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert upstream.asked == ["/p.jpg"]


def test_the_reporter_sees_it_too(client, upstream) -> None:
    ticket, address = pulled(upstream.url("/p.jpg"))
    number = address.rsplit("/", 1)[1]
    assert client.get(f"/follow/{ticket.follow_token}/files/{number}").status_code == 200


@pytest.mark.parametrize("path", ["/gone.jpg", "/evil.jpg"])
def test_what_cannot_be_had_or_is_no_photo_is_a_placeholder(desk, upstream, path) -> None:
    _, address = pulled(upstream.url(path))
    answer = desk.get(address)
    assert answer.status_code == 302
    assert "photo-away.svg" in answer.location


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest.jpg", "http://10.0.0.1/p.jpg"])
def test_a_forbidden_address_is_never_asked(desk, url) -> None:
    _, address = pulled(url)
    assert "photo-away.svg" in desk.get(address).location


def test_a_file_that_is_no_photo_stays_a_link(desk, upstream) -> None:
    ticket, address = pulled(upstream.url("/report.pdf"), content_type="application/pdf")
    page = desk.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert f'href="{upstream.url("/report.pdf")}" rel="noopener noreferrer nofollow"' in page
    assert desk.get(address).status_code == 404
    assert upstream.asked == []
