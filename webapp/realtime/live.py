"""Tell the pages that are open. Everything leaves after the outermost commit; a dead Redis never raises.

`signal` names what changed: pages fetch the regions concerned themselves, with their own rights and filters.
`push_html` brings rendered fragments (`<hx-partial hx-target=… hx-swap=…>`) that are the same for all their readers.
`toast` shows a short message. `end_streams` cuts a person's streams, so that their rights are read anew.
Topics: see webapp.realtime.topics. Needs an app context.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import redis

from webapp.core import db
from webapp.core.redis import client
from webapp.realtime import frames, stream, topics

log = logging.getLogger(__name__)

# Those of notices, what an answer of the desk says, and failures, which stay until closed.
TOAST_KINDS = frozenset(
    {"new", "updated", "response", "mention", "assignment", "reminder", "incident", "system"}
    | {"achievement", "milestone", "social", "info", "error"}
)

# Topics whose readers missed something because Redis was away: they are told to read anew as soon as it is back.
_owed: set[str] = set()


class Toast(NamedTuple):
    """`kind`: one of TOAST_KINDS. `url`: a path of this desk that shows more. `sound`: with a short one."""

    topics: Iterable[str]
    kind: str
    text: str
    url: str | None = None
    sound: bool = False


def signal(topic: str | Iterable[str], name: str, **detail: Any) -> None:
    """Named event `name` (`tickets:changed`) with a small JSON `detail`: ids, never texts or personal data."""
    _publish(topic, frames.named(frames.checked_name(name), detail))


def push_html(topic: str | Iterable[str], html: str) -> None:
    """Fragments that name their own targets; a page without the target ignores them."""
    if "<hx-partial" not in html:
        raise ValueError(
            "Pushed HTML must be one or more <hx-partial hx-target=… hx-swap=…> elements."
        )
    _publish(topic, frames.unnamed(html))


def toast(messages: Iterable[Toast]) -> None:
    """All of them with one call, and with what else is told; also where no transaction is open any more."""
    blocks = [_block(one) for one in messages]
    if blocks:
        db.together_after_commit(_send_blocks, *blocks)


def end_streams(user_id: int) -> None:
    """End all open streams of a person, as after a sign-out, a change of role or a deactivation."""
    db.after_commit(lambda: _send(lambda redis_client: stream.add_ending(redis_client, user_id)))


def settle() -> None:
    """Tell the readers who missed something while Redis was away; the periodic tick calls this."""
    if _owed:
        _send(lambda redis_client: None)


def _block(message: Toast) -> stream.Block:
    if message.kind not in TOAST_KINDS:
        raise ValueError(f"{message.kind!r} is no kind of toast")
    url = message.url
    if url is not None and (not url.startswith("/") or url.startswith("//")):
        raise ValueError("A toast links to a path of this desk only.")
    detail: dict[str, Any] = {"kind": message.kind, "text": message.text[:300]}
    detail |= {"url": url} if url else {}
    detail |= {"sound": True} if message.sound else {}
    return _hearers(message.topics), frames.named(frames.TOAST, detail)


def _publish(topic: str | Iterable[str], block: bytes) -> None:
    names = [topic] if isinstance(topic, str) else topic
    db.together_after_commit(_send_blocks, (_hearers(names), block))


def _hearers(names: Iterable[str]) -> frozenset[str]:
    return frozenset(topics.checked(name) for name in names)


def _send_blocks(blocks: list[stream.Block]) -> None:
    hearers = frozenset(itertools.chain.from_iterable(heard for heard, _ in blocks))
    _send(lambda redis_client: stream.add(redis_client, blocks), hearers)


def _send(deed: Callable[[redis.Redis], None], hearers: frozenset[str] = frozenset()) -> None:
    try:
        redis_client = client()
        if _owed:
            stream.add(redis_client, [(frozenset(_owed), frames.named(frames.RESYNC, {}))])
            _owed.clear()
            log.warning("live: Redis is back; readers of what was missed read anew")
        deed(redis_client)
    except redis.RedisError as error:
        if not _owed:
            log.warning("live: not published, Redis is away (%s)", type(error).__name__)
        _owed.update(hearers)
