"""The only writers of tickets. None commits; each fact is recorded once, by the actor given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.tickets.actions.answering import add_note, respond
    from webapp.tickets.actions.creating import create_ticket, submit_report, take_from_mail
    from webapp.tickets.actions.drafting import drop_draft, keep_draft
    from webapp.tickets.actions.editing import edit_ticket
    from webapp.tickets.actions.exporting import (
        DONE,
        FAILED,
        KEPT,
        begin_export,
        forget_exports,
        note_export,
        revive_exports,
        take_export,
        tell_export,
    )
    from webapp.tickets.actions.merging import merge_ticket, unmerge_ticket
    from webapp.tickets.actions.organising import (
        add_tags,
        remove_tags,
        set_due,
        set_priority,
        set_tags,
        set_team,
        tag_key,
    )
    from webapp.tickets.actions.pulled import import_tickets, keep_copy, update_from_upstream
    from webapp.tickets.actions.relating import (
        add_item,
        move_item,
        relate,
        remove_item,
        set_item,
        unrelate,
    )
    from webapp.tickets.actions.replies import add_reply, edit_reply, remove_reply
    from webapp.tickets.actions.sending import call_back, hold_answer, release_answer
    from webapp.tickets.actions.splitting import split_ticket
    from webapp.tickets.actions.watching import unwatch, watch
    from webapp.tickets.actions.withdrawing import withdraw
    from webapp.tickets.actions.working import assign, change_status, refine_category
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "DONE",
    "FAILED",
    "KEPT",
    "add_item",
    "add_note",
    "add_reply",
    "add_tags",
    "assign",
    "begin_export",
    "call_back",
    "change_status",
    "create_ticket",
    "drop_draft",
    "edit_reply",
    "edit_ticket",
    "forget_exports",
    "hold_answer",
    "import_tickets",
    "keep_copy",
    "keep_draft",
    "merge_ticket",
    "move_item",
    "note_export",
    "refine_category",
    "relate",
    "release_answer",
    "remove_item",
    "remove_reply",
    "remove_tags",
    "respond",
    "revive_exports",
    "set_due",
    "set_item",
    "set_priority",
    "set_tags",
    "set_team",
    "split_ticket",
    "submit_report",
    "tag_key",
    "take_export",
    "take_from_mail",
    "tell_export",
    "unmerge_ticket",
    "unrelate",
    "unwatch",
    "update_from_upstream",
    "watch",
    "withdraw",
]
