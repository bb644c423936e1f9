"""What can be done to many records at once: the whole table. Read when the first of it is done."""

from __future__ import annotations

from webapp.bulk.kinds import Kinds
from webapp.outbox import many
from webapp.sync import actions as sync_actions
from webapp.sync import replaying
from webapp.sync.reconcile import repairing
from webapp.tickets.many import steps as tickets

KINDS = Kinds(
    steps={
        many.RETRY: many.retry_step,
        many.CANCEL: many.cancel_step,
        replaying.VALUES: replaying.replay_step,
        replaying.QUARANTINE: sync_actions.quarantine_step,
        repairing.TAKE: repairing.take_step,
        repairing.PUSH: repairing.push_step,
        repairing.BRING: repairing.bring_step,
        repairing.GONE: repairing.gone_step,
        tickets.CHANGE: tickets.change_step,
    },
    undos={tickets.CHANGE: tickets.undo_step},
    readies={tickets.CHANGE: tickets.read_together},
)
