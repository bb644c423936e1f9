"""What can happen to a call, and what can happen elsewhere while it is under way."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.proof.wire import ANSWERED, ASKED, Meddle

JSON = {"Content-Type": "application/json"}

# In each, whether the call had its effect is told by the place where it goes wrong.
MISHAPS: dict[str, tuple[str, Callable[[httpx.Request], httpx.Response | None]]] = {}


def _mishap(name: str, when: str) -> Callable[..., None]:
    def add(play: Callable[[httpx.Request], httpx.Response | None]) -> None:
        MISHAPS[name] = (when, play)

    return add


@_mishap("down", ASKED)
def _down(request: httpx.Request) -> None:
    raise httpx.ConnectError("refused", request=request)


@_mishap("lost", ANSWERED)
def _lost(request: httpx.Request) -> None:
    raise httpx.ReadError("reset", request=request)


@_mishap("lost on its way", ASKED)
def _never_arrived(request: httpx.Request) -> None:
    raise httpx.WriteError("reset", request=request)


@_mishap("silence", ANSWERED)
def _silence(request: httpx.Request) -> None:
    raise httpx.ReadTimeout("nothing came", request=request)


@_mishap("truncated", ANSWERED)
def _truncated(request: httpx.Request) -> None:
    raise httpx.RemoteProtocolError("ended early", request=request)


@_mishap("broken", ASKED)
def _broken(request: httpx.Request) -> httpx.Response:
    return httpx.Response(500, content=b"<h1>Internal Server Error</h1>")


@_mishap("bad gateway", ANSWERED)
def _gateway(request: httpx.Request) -> httpx.Response:
    return httpx.Response(502, content=b"<h1>Bad Gateway</h1>")


@_mishap("limited", ASKED)
def _limited(request: httpx.Request) -> httpx.Response:
    return httpx.Response(429, headers={**JSON, "Retry-After": "30"}, content=b"{}")


@_mishap("sign-in page", ASKED)
def _html(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<form></form>")


@_mishap("token refused", ASKED)
def _refused(request: httpx.Request) -> httpx.Response:
    body = b'{"error": {"code": "token_revoked", "message": "revoked"}}'
    return httpx.Response(401, headers=JSON, content=body)


def at_call(n: int, mishap: str) -> Meddle:
    """The n-th call from now (0 is the next) meets this mishap."""
    when, play = MISHAPS[mishap]
    return _at(n, when, play)


def during_call(n: int, when: str, act: Callable[[], object]) -> Meddle:
    """`act` happens in the middle of the n-th call from now: before or after its effect."""

    def play(_request: httpx.Request) -> None:
        act()

    return _at(n, when, play)


def _at(n: int, when: str, play: Callable[[httpx.Request], httpx.Response | None]) -> Meddle:
    seen = {ASKED: 0, ANSWERED: 0}

    def meddle(now: str, request: httpx.Request) -> httpx.Response | None:
        seen[now] += 1
        return play(request) if now == when and seen[now] == n + 1 else None

    return meddle
