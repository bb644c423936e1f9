"""A guarded HTTP client: no redirects, no proxies from the environment, bounded time and size."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpcore
import httpx
from flask_babel import gettext

from webapp.core.errors import RemoteError
from webapp.core.http.addresses import Network
from webapp.core.http.backend import Deadline, GuardedBackend, Resolver, resolve
from webapp.core.http.decoding import TooLarge, Unreadable, read_limited
from webapp.core.http.failures import failure
from webapp.core.http.messages import Limits, Request, Response
from webapp.core.http.status import SAFE_METHODS, kind_of, status_error
from webapp.core.http.transport import GuardedTransport

USER_AGENT = "Tulay/0.1"


def fetch(
    request: Request,
    *,
    limits: Limits | None = None,
    allowed_nets: Iterable[str | Network] = (),
    allow_http: bool = False,
) -> Response:
    """Sends one request. Every failure, a status from 300 up included, is a RemoteError."""
    with Client(limits=limits, allowed_nets=allowed_nets, allow_http=allow_http) as client:
        return client.send(request)


class Client:
    """Keeps connections alive over many requests. One at a time: not to be shared between threads.

    `transport` replaces the network (in-process fakes in tests); the other rules stay.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        allowed_nets: Iterable[str | Network] = (),
        allow_http: bool = False,
        resolver: Resolver = resolve,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._allow_http = allow_http
        self._deadline = Deadline()
        backend = GuardedBackend(self._deadline, allowed_nets=allowed_nets, resolver=resolver)
        self._faked = transport is not None
        self._transport = transport or GuardedTransport(backend)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def send(self, request: Request, *, check: bool = True) -> Response:
        """The answer. With `check=False` a status from 400 up is returned instead of raised."""
        host = self._check_url(request.url)
        prepared = self._prepared(request, host)
        started = time.monotonic()
        self._deadline.start(self.limits.total)
        try:
            response = self._exchange(prepared, host, started=started)
        except RemoteError as broken:
            # What broke after the first byte went out may have had its effect.
            broken.ambiguous = self._deadline.sent and request.method.upper() not in SAFE_METHODS
            raise
        if kind_of(response.status) == "redirect":
            raise _redirect(response, host)
        if check:
            error = status_error(
                response.status,
                host=host,
                method=request.method,
                headers=response.headers,
                body=response.body,
            )
            if error is not None:
                raise error
        return response

    def _check_url(self, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            raise failure("blocked", "", message=gettext("The address cannot be read.")) from None
        if parts.scheme == "http" and not self._allow_http:
            raise failure(
                "blocked",
                host,
                message=gettext("The address is not encrypted (http)."),
                advice=gettext("Use https, or allow unencrypted calls for this connection."),
            )
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise failure(
                "blocked",
                host,
                message=gettext("The address must start with https:// and name a host."),
                advice=gettext("Enter it as https://host/path, with no user name in it."),
            )
        return host

    def _prepared(self, request: Request, host: str) -> httpx.Request:
        timeouts = {
            "connect": self.limits.connect,
            "read": self.limits.read,
            "write": self.limits.read,
            "pool": self.limits.connect,
        }
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **request.headers}
        if any(ord(letter) < 32 or ord(letter) > 126 for v in headers.values() for letter in v):
            # Said before the library does: its error would quote the header, and so the token.
            raise failure(
                "unauthorized",
                host,
                message=gettext("The token or a header contains characters that cannot be sent."),
                advice=gettext("Paste the token again, without spaces or line breaks around it."),
            )
        try:
            return httpx.Request(
                request.method,
                request.url,
                headers=headers,
                content=request.body or None,
                extensions={"timeout": timeouts},
            )
        except (httpx.InvalidURL, ValueError, TypeError):
            raise failure("blocked", host, message=gettext("The address cannot be read.")) from None

    def _exchange(self, request: httpx.Request, host: str, *, started: float) -> Response:
        try:
            self._deadline.sent = self._faked
            answer = self._transport.handle_request(request)
            try:
                body, size = self._body(answer, host)
            finally:
                answer.close()
        except (httpx.ConnectTimeout, httpx.ConnectError) as error:
            self._deadline.sent = False
            kind = "timeout" if isinstance(error, httpx.ConnectTimeout) else "network"
            raise failure(kind, host) from None
        except (httpcore.TimeoutException, httpx.TimeoutException):
            raise failure("timeout", host) from None
        except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol):
            raise failure("rejected", host) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.TransportError):
            raise failure("network", host) from None
        return Response(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=body,
            elapsed=time.monotonic() - started,
            url=str(request.url),
            wire_bytes=size,
        )

    def _body(self, answer: httpx.Response, host: str) -> tuple[bytes, int]:
        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for chunk in _raw_chunks(answer):
                size += len(chunk)
                self._deadline.left(None, host)
                yield chunk

        encoding = answer.headers.get("content-encoding", "")
        try:
            body = read_limited(counted(), encoding=encoding, max_bytes=self.limits.max_bytes)
        except TooLarge:
            raise failure("too_large", host, http_status=answer.status_code) from None
        except Unreadable:
            raise failure(
                "wrong_shape",
                host,
                message=gettext("%(host)s sent a body that cannot be unpacked.", host=host),
                http_status=answer.status_code,
            ) from None
        return body, size


def _raw_chunks(answer: httpx.Response) -> Iterator[bytes]:
    """The body as sent. An in-process fake hands over a body that is read and unpacked already."""
    if answer.is_stream_consumed:
        answer.headers.pop("content-encoding", None)
        yield answer.content
        return
    yield from answer.iter_raw()


def _redirect(response: Response, host: str) -> Exception:
    try:
        target = urlsplit(response.headers.get("location", "")).hostname or host
    except ValueError:
        target = "?"
    return failure(
        "redirect",
        host,
        message=gettext(
            "%(host)s redirects to another address (on %(target)s); the desk does not follow, "
            "to keep the token safe.",
            host=host,
            target=target,
        ),
        http_status=response.status,
    )
