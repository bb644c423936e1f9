"""httpx messages over an httpcore pool that dials through the guard; no proxies, no redirects."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from functools import cache
from typing import cast

import certifi
import httpcore
import httpx

from webapp.core.http.backend import GuardedBackend


class GuardedTransport(httpx.BaseTransport):
    """httpx messages over an httpcore pool that dials through the guard."""

    def __init__(self, backend: GuardedBackend) -> None:
        self._backend = backend
        self._pools: dict[str, httpcore.ConnectionPool] = {}  # by scheme

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool(request.url.scheme).handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Stream(cast("Iterable[bytes]", answer.stream)),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, scheme: str) -> httpcore.ConnectionPool:
        """Made for the first call: without TLS nobody waits for the certificates to be read."""
        if scheme not in self._pools:
            self._pools[scheme] = httpcore.ConnectionPool(
                ssl_context=_tls() if scheme == "https" else None,
                network_backend=self._backend,
                max_connections=4,
                keepalive_expiry=30.0,
            )
        return self._pools[scheme]


class _Stream(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


@cache
def _tls() -> ssl.SSLContext:
    """The machine's own certificates as well as the well-known ones: intranets have their own.

    Made once a process: reading the certificates takes longer than a call.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
