"""Hands the table of reactions, the channels and the listeners to packages that must not know who stands above them.

What is large is handed over as the way to it, and brought by the first who needs it.
"""

from __future__ import annotations

from collections.abc import Sequence

from webapp.bulk import kinds
from webapp.chat import telling as chat_telling
from webapp.events import record
from webapp.inbound import progress as mails_in
from webapp.notifications import emitting
from webapp.notifications.emitting import Heard
from webapp.outbox import channels, watch
from webapp.outbox.channels import Channel
from webapp.reactions import REACTIONS
from webapp.realtime import live
from webapp.realtime import reactions as pages
from webapp.sync import progress
from webapp.sync.troubled import conflicting_ids, missing_ids
from webapp.tickets import troubles


def install() -> None:
    """Once for each app that is made."""
    record.install(REACTIONS)
    channels.offer("mail", _mail)
    channels.offer("push", _push)
    channels.offer("webpush", _web_push)
    watch.install(pages.delivery_moved)
    chat_telling.install(pages.chat_told)
    emitting.install(_emit, live.signal)
    troubles.install(missing_ids, conflicting_ids)
    kinds.install(_kinds, moved=pages.bulk_moved)
    progress.listeners[:] = [pages.connection_moved]
    mails_in.listeners[:] = [pages.mails_moved]


def _mail() -> Channel:
    from webapp.mail.channel import MailChannel

    return MailChannel()


def _push() -> Channel:
    from webapp.sync.push import PushChannel

    return PushChannel()


def _web_push() -> Channel:
    from webapp.push.channel import WebPushChannel

    return WebPushChannel()


def _kinds() -> kinds.Kinds:
    from webapp.many import KINDS

    return KINDS


def _emit(heard: Sequence[Heard]) -> None:
    live.toast(
        live.Toast(topics, toast.kind, toast.text, toast.url, toast.sound)
        for toast, topics in heard
    )
