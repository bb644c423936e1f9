"""Handing a mail to servers of all kinds."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from flask import Flask

from tests.fakes.catcher import catching
from webapp.core.errors import RemoteError
from webapp.mail import smtp
from webapp.mail.smtp import Server, check, submit
from webapp.outbox.channels import Hold

MAIL = b"Subject: hello\r\n\r\nhello\r\n"


def _submit(server: Server) -> smtp.Accepted:
    return submit(server, sender="desk@tulay.example", recipient="rosa@example.org", message=MAIL)


@contextmanager
def _greeting(words: bytes | None) -> Iterator[int]:
    """A server that says only its greeting (None: accepts the connection and says nothing)."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve() -> None:
        connection, _ = listener.accept()
        open_ones.append(connection)
        if words is not None:
            connection.sendall(words)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)
        for one in open_ones:
            one.close()


def _authenticator(*_: object) -> AuthResult:
    return AuthResult(success=False, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run(
        [
            *command,
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            str(key),
            "-out",
            str(cert),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def _server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def test_a_refused_login_holds_everything_and_shows_no_password(app: Flask) -> None:
    with catching(
        auth_require_tls=False, authenticator=_authenticator, auth_required=True
    ) as catcher:
        server = Server("127.0.0.1", catcher.port, username="desk", password="tr0ub4dor")
        with pytest.raises(Hold, match="MAIL_USERNAME") as caught:
            _submit(server)
        assert caught.value.whole_target
        assert "tr0ub4dor" not in caught.value.message + repr(server)
        assert catcher.mails == []


def test_a_server_that_wants_a_login_we_have_not_holds_everything(app: Flask) -> None:
    with (
        catching(
            auth_require_tls=False, authenticator=_authenticator, auth_required=True
        ) as catcher,
        pytest.raises(Hold, match="login"),
    ):
        _submit(Server("127.0.0.1", catcher.port))


def test_tls_that_is_not_offered_is_not_gone_without(app: Flask) -> None:
    with catching() as catcher, pytest.raises(Hold, match="MAIL_USE_TLS"):
        _submit(Server("127.0.0.1", catcher.port, tls=True))


def test_a_certificate_nobody_vouches_for_is_refused_before_the_login(
    app: Flask, certificate: tuple[Path, Path]
) -> None:
    with catching(tls_context=_server_context(certificate)) as catcher:
        with pytest.raises(RemoteError) as caught:
            _submit(
                Server("localhost", catcher.port, tls=True, username="desk", password="tr0ub4dor")
            )
        assert caught.value.kind == "tls"
        assert caught.value.retryable
        assert catcher.mails == []


def test_a_certificate_we_trust_is_used(
    app: Flask, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with catching(tls_context=_server_context(certificate), require_starttls=True) as catcher:
        assert _submit(Server("localhost", catcher.port, tls=True)).code == 250
        assert len(catcher.mails) == 1


def test_a_server_that_says_nothing_times_out_and_is_tried_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "STEP_S", 0.2)
    with _greeting(None) as port, pytest.raises(RemoteError) as caught:
        _submit(Server("127.0.0.1", port))
    assert (caught.value.kind, caught.value.retryable, caught.value.ambiguous) == (
        "timeout",
        True,
        False,
    )


@pytest.mark.parametrize("words", [b"554 5.7.1 your network is blocked\r\n", b"421 too busy\r\n"])
def test_a_server_that_turns_us_away_is_tried_again(app: Flask, words: bytes) -> None:
    with _greeting(words) as port, pytest.raises(RemoteError) as caught:
        _submit(Server("127.0.0.1", port))
    assert caught.value.retryable
    assert words.decode()[4:].strip() in caught.value.message


def test_something_that_is_no_mail_server_is_named_as_a_failed_connection(app: Flask) -> None:
    with (
        _greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port,
        pytest.raises(RemoteError) as caught,
    ):
        _submit(Server("127.0.0.1", port))
    assert caught.value.retryable


def test_an_unknown_server_name_is_said_so(app: Flask) -> None:
    with pytest.raises(RemoteError) as caught:
        _submit(Server("mail.invalid", 25))
    assert caught.value.kind == "dns"
    assert "MAIL_SERVER" in caught.value.message


def test_the_check_signs_in_and_sends_nothing(app: Flask) -> None:
    with catching() as catcher:
        check(Server("127.0.0.1", catcher.port))
        assert catcher.mails == []
