"""The egress guard over real sockets: what is dialled, how long, how much, and what is said after."""

import contextlib
import gzip
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from webapp.core.errors import RemoteError
from webapp.core.http import Client, Limits, Request, Response, fetch
from webapp.core.http.backend import resolve

LOOPBACK = ("127.0.0.0/8",)
OK = b"HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 12:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}"

Script = Callable[[socket.socket], None]


@contextlib.contextmanager
def raw_server(script: Script) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads one request per connection and plays `script`; yields address and requests."""
    requests: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, contextlib.suppress(OSError):
                    requests.append(connection.recv(65_536))
                    script(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", requests
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(2)


def answering(content: bytes) -> Script:
    return lambda connection: connection.sendall(content)


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(url: str, *, limits: Limits | None = None, method: str = "GET") -> Response:
    return fetch(Request(method, url), limits=limits, allowed_nets=LOOPBACK, allow_http=True)


def refused(url: str, *, limits: Limits | None = None, method: str = "GET") -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        get(url, limits=limits, method=method)
    assert caught.value.message
    assert caught.value.advice
    return caught.value


def test_an_allowed_address_answers() -> None:
    with raw_server(answering(OK)) as (url, requests):
        response = get(url + "/a?b=c")
    assert (response.status, response.body) == (200, b"{}")
    assert response.date is not None
    assert response.date.isoformat() == "2026-11-20T12:00:00+00:00"
    assert requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"Host: 127.0.0.1:" in requests[0]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0.0.0.0",
        "0",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "192.168.0.1",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "192.88.99.1",
        "224.0.0.1",
        "[fe80::1]",
    ],
)
def test_no_socket_is_opened_to_a_forbidden_address(host: str) -> None:
    dialled: list[bytes] = []
    with raw_server(answering(OK)) as (url, requests):
        port = url.rpartition(":")[2]
        with pytest.raises(RemoteError) as caught:
            fetch(Request("GET", f"http://{host}:{port}/"), allow_http=True)
        dialled = list(requests)
    assert caught.value.kind in ("blocked", "dns")  # some systems do not resolve every numeric form
    assert not caught.value.retryable or caught.value.kind == "dns"
    assert dialled == []


def test_a_name_with_one_forbidden_address_among_others_is_blocked() -> None:
    both = lambda host, port: ["93.184.216.34", "10.0.0.1"]  # noqa: E731
    with Client(allow_http=True, resolver=both) as client, pytest.raises(RemoteError) as caught:
        client.send(Request("GET", "http://two-faced.example/"))
    assert caught.value.kind == "blocked"


def test_a_name_is_resolved_once_and_the_checked_address_is_dialled() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with (
        raw_server(answering(OK)) as (url, requests),
        Client(allow_http=True, allowed_nets=LOOPBACK, resolver=rebinding) as client,
    ):
        port = url.rpartition(":")[2]
        client.send(Request("GET", f"http://city.example:{port}/"))
    assert asked == ["city.example"]
    assert f"Host: city.example:{port}".encode() in requests[0]


def test_the_second_address_is_tried_when_the_first_does_not_answer() -> None:
    two = lambda host, port: ["127.0.0.2", "127.0.0.1"]  # noqa: E731
    with (
        raw_server(answering(OK)) as (url, _requests),
        Client(allow_http=True, allowed_nets=LOOPBACK, resolver=two) as client,
    ):
        port = url.rpartition(":")[2]
        assert client.send(Request("GET", f"http://city.example:{port}/")).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://city.example/",
        "ftp://city.example/",
        "file:///etc/passwd",
        "https://user:secret@city.example/",
        "https://",
        "https://[::1",
        "https://city.example:99999/",
        "//city.example",
    ],
)
def test_an_address_that_is_not_plain_https_is_blocked_before_anything_is_resolved(
    url: str,
) -> None:
    asked: list[str] = []

    def noting(host: str, port: int) -> list[str]:
        asked.append(host)
        return resolve(host, port)

    with Client(resolver=noting) as client, pytest.raises(RemoteError) as caught:
        client.send(Request("GET", url))
    assert caught.value.kind == "blocked"
    assert "secret" not in caught.value.message
    assert asked == []


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(answering(OK)) as (proxy, through_proxy), raw_server(answering(OK)) as (url, _):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        assert get(url).status == 200
    assert through_proxy == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_names_only_the_other_host(status: int) -> None:
    with raw_server(answering(OK)) as (elsewhere, at_elsewhere):
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere}/?token=canary\r\nContent-Length: 0\r\n\r\n"
        with raw_server(answering(head.encode())) as (url, _):
            error = refused(url)
    assert error.kind == "redirect"
    assert "canary" not in error.message + error.advice
    assert at_elsewhere == []


def test_not_modified_is_no_redirect() -> None:
    with raw_server(answering(b"HTTP/1.1 304 Not Modified\r\n\r\n")) as (url, _):
        assert get(url).status == 304


def test_a_host_that_does_not_exist_is_told_apart_from_one_that_is_down() -> None:
    assert refused("http://no-such-host.invalid/").kind == "dns"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}/").kind == "network"


def test_a_name_server_that_hangs_is_a_timeout() -> None:
    release = threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        release.wait(5)
        return []

    client = Client(allow_http=True, resolver=hanging, limits=Limits(connect=0.1))
    with client, pytest.raises(RemoteError) as caught:
        client.send(Request("GET", "http://city.example/"))
    release.set()
    assert caught.value.kind == "timeout"


def test_a_server_that_speaks_no_tls_is_a_tls_error() -> None:
    with raw_server(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as (url, _):
        error = refused(url.replace("http:", "https:"))
    assert error.kind == "tls"
    assert not error.ambiguous


def test_a_certificate_nobody_vouches_for_is_a_tls_error(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    certificate = _self_signed(tmp_path_factory.mktemp("tls") / "pair.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        error = refused(f"https://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join(2)
    assert error.kind == "tls"
    assert not error.ambiguous


def test_silence_is_a_timeout() -> None:
    with raw_server(lambda connection: time.sleep(0.5)) as (url, _):
        error = refused(url, limits=Limits(read=0.1))
    assert (error.kind, error.retryable, error.ambiguous) == ("timeout", True, False)


def test_a_slow_drip_of_the_head_ends_at_the_wall_clock() -> None:
    started = time.monotonic()
    with raw_server(_dripping(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500)) as (url, _):
        error = refused(url, limits=Limits(read=5, total=0.3))
    assert error.kind == "timeout"
    assert time.monotonic() - started < 3


def test_a_slow_drip_of_the_body_ends_at_the_wall_clock() -> None:
    started = time.monotonic()
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"y" * 500
    with raw_server(_dripping(body, at_once=45)) as (url, _):
        error = refused(url, limits=Limits(read=5, total=0.3))
    assert error.kind == "timeout"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "end", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"nonsense\r\n\r\n"]
)
def test_a_broken_answer_is_a_network_error_and_a_write_may_have_happened(end: bytes) -> None:
    with raw_server(answering(end)) as (url, _):
        assert refused(url).ambiguous is False
        error = refused(url, method="PATCH")
    assert (error.kind, error.ambiguous, error.retryable) == ("network", True, True)


def test_a_write_that_was_never_sent_is_not_ambiguous() -> None:
    error = refused("http://no-such-host.invalid/", method="POST")
    assert (error.kind, error.ambiguous) == ("dns", False)


def test_a_write_that_was_not_answered_in_time_is_ambiguous() -> None:
    with raw_server(lambda connection: time.sleep(0.5)) as (url, _):
        assert refused(url, limits=Limits(read=0.1), method="POST").ambiguous


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"x" * 3000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3000,
        packed(gzip.compress(b"x" * 3000)),
        packed(zlib.compress(b"x" * 3000), "deflate"),
    ],
)
def test_a_body_over_the_limit_is_too_large_however_it_is_sent(content: bytes) -> None:
    with raw_server(answering(content)) as (url, _):
        assert refused(url, limits=Limits(max_bytes=2999)).kind == "too_large"
    with raw_server(answering(content)) as (url, _):
        assert get(url, limits=Limits(max_bytes=3000)).body == b"x" * 3000


def test_a_gzip_bomb_is_stopped_before_it_unfolds() -> None:
    machine = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(machine.compress(bytes(1024 * 1024)) for _ in range(200)) + machine.flush()
    started = time.process_time()
    with raw_server(answering(packed(bomb))) as (url, _):
        error = refused(url)
    assert error.kind == "too_large"
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "content", [packed(b"not gzip"), packed(b"{}", "br"), packed(b"{}", "zstd")]
)
def test_a_body_that_cannot_be_unpacked_is_said_so(content: bytes) -> None:
    with raw_server(answering(content)) as (url, _):
        assert refused(url).kind == "wrong_shape"


@pytest.mark.parametrize("token", ["line\r\nX-Evil: 1", "tök€n", "a\x00b"])
def test_a_token_that_cannot_be_a_header_is_refused_without_being_quoted(token: str) -> None:
    with raw_server(answering(OK)) as (url, requests), pytest.raises(RemoteError) as caught:
        fetch(
            Request("GET", url, headers={"Authorization": f"Bearer {token}"}),
            allowed_nets=LOOPBACK,
            allow_http=True,
        )
    assert caught.value.kind == "unauthorized"
    assert token not in str(caught.value)
    assert caught.value.__cause__ is None
    assert requests == []


def test_one_client_keeps_its_connection_over_many_requests() -> None:
    def twice(connection: socket.socket) -> None:
        connection.sendall(OK)
        connection.recv(65_536)
        connection.sendall(OK)

    with (
        raw_server(twice) as (url, connections),
        Client(allowed_nets=LOOPBACK, allow_http=True) as client,
    ):
        client.send(Request("GET", url))
        client.send(Request("GET", url))
    assert len(connections) == 1


def test_a_status_is_returned_when_the_caller_wants_to_judge_it() -> None:
    content = b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}"
    with (
        raw_server(answering(content)) as (url, _),
        Client(allowed_nets=LOOPBACK, allow_http=True) as client,
    ):
        assert client.send(Request("GET", url), check=False).status == 409


def test_an_in_process_fake_obeys_the_same_rules() -> None:
    fake = httpx.MockTransport(lambda request: httpx.Response(302, headers={"location": "/x"}))
    with Client(transport=fake) as client, pytest.raises(RemoteError) as caught:
        client.send(Request("GET", "https://city.example/"))
    assert caught.value.kind == "redirect"


def _dripping(content: bytes, at_once: int = 0) -> Script:
    def play(connection: socket.socket) -> None:
        connection.sendall(content[:at_once])
        for position in range(at_once, len(content)):
            connection.sendall(content[position : position + 1])
            time.sleep(0.02)

    return play


def _self_signed(path: object) -> str:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with open(str(path), "wb") as file:
        file.write(secret + made.public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".example", "."])
def test_what_is_no_name_prints_no_trace_under_gevent(host):
    code = (
        "from gevent import monkey; monkey.patch_all()\n"
        "from webapp.core.http.backend import resolve\n"
        "import sys\n"
        "try: resolve(sys.argv[1], 443)\n"
        "except (OSError, UnicodeError): print('refused')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, host], capture_output=True, text=True, timeout=60, check=True
    )

    assert (done.stdout, done.stderr) == ("refused\n", "")
