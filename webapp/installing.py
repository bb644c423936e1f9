"""Hands the table of reactions, the channels and the listeners to packages that must not know who stands above them."""

from __future__ import annotations

from collections.abc import Sequence

from webapp import reactions
from webapp.bulk import kinds
from webapp.chat import telling as chat_telling
from webapp.events import record
from webapp.inbound import progress as mails_in
from webapp.mail.channel import MailChannel
from webapp.notifications import emitting
from webapp.notifications.emitting import Heard
from webapp.outbox import channels, many, watch
from webapp.push.channel import WebPushChannel
from webapp.realtime import live
from webapp.realtime import reactions as pages
from webapp.sync import actions as sync_actions
from webapp.sync import progress, push, replaying
from webapp.sync.reconcile import repairing
from webapp.sync.troubled import conflicting_ids, missing_ids
from webapp.tickets import troubles
from webapp.tickets.many import steps as ticket_many

BULK_STEPS: dict[str, kinds.Step] = {
    many.RETRY: many.retry_step,
    many.CANCEL: many.cancel_step,
    replaying.VALUES: replaying.replay_step,
    replaying.QUARANTINE: sync_actions.quarantine_step,
    repairing.TAKE: repairing.take_step,
    repairing.PUSH: repairing.push_step,
    repairing.BRING: repairing.bring_step,
    repairing.GONE: repairing.gone_step,
    ticket_many.CHANGE: ticket_many.change_step,
}

BULK_UNDOS: dict[str, kinds.Undo] = {ticket_many.CHANGE: ticket_many.undo_step}

BULK_READIES: dict[str, kinds.Ready] = {ticket_many.CHANGE: ticket_many.read_together}


def install() -> None:
    """Once for each app that is made."""
    record.install(reactions.REACTIONS)
    channels.register(MailChannel())
    channels.register(push.PushChannel())
    channels.register(WebPushChannel())
    watch.install(pages.delivery_moved)
    chat_telling.install(pages.chat_told)
    emitting.install(_emit, live.signal)
    troubles.install(missing_ids, conflicting_ids)
    kinds.install(BULK_STEPS, BULK_UNDOS, readies=BULK_READIES, moved=pages.bulk_moved)
    progress.listeners[:] = [pages.connection_moved]
    mails_in.listeners[:] = [pages.mails_moved]


def _emit(heard: Sequence[Heard]) -> None:
    live.toast(
        live.Toast(topics, toast.kind, toast.text, toast.url, toast.sound)
        for toast, topics in heard
    )
