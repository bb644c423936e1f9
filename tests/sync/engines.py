"""What the engine's tests share: a client that may call loopback, and short ways to probe and run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from webapp.core.http import Client
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import Declaration, parse
from webapp.sync.connectors.engine import Engine

LOOPBACK = ("127.0.0.0/8",)


@contextmanager
def calling(kind: str, base_url: str, secret: str = "", **options: Any) -> Iterator[Engine]:
    """An engine of a built-in kind over real HTTP on loopback."""
    with Client(allow_http=True, allowed_nets=LOOPBACK) as client:
        yield Engine(
            registry.get(kind),
            base_url=base_url,
            client=client,
            secret=secret,
            sleep=_no_wait,
            **options,
        )


def against(
    declaration: Declaration, handler: Callable[[httpx.Request], httpx.Response], **options: Any
) -> Engine:
    """An engine whose upstream is a function, at https://city.example."""
    client = Client(transport=httpx.MockTransport(handler))
    return Engine(
        declaration, base_url="https://city.example/base", client=client, sleep=_no_wait, **options
    )


def declared(paging: str, incremental: str = "{kind: full}", more: str = "") -> Declaration:
    """A small declaration with this paging."""
    return parse(f"""
name: small
title: Small
{more}
shapes:
  - name: only
    title: Only
    auth: [{{kind: bearer}}]
    list:
      path: /list
      items: ["", data]
      paging: [{paging}]
      incremental: [{incremental}]
    get: {{path: "/list/{{id}}"}}
    record: {{id: id, updated_at: at}}
    fields: {{title: title}}
""")


def answer(value: Any, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(value), headers=headers)


def ids_of(engine: Engine, **window: Any) -> list[str | None]:
    return [engine.mapping.find_id(item) for page in engine.pages(**window) for item in page.items]


def _no_wait(seconds: float) -> None:
    """Pacing is tested apart."""
