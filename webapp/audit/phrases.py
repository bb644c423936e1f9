"""How each type of fact is told: icon, colour, sentence. Which variant of a type it is, `sentences` decides."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.audit import (
    account_phrases,
    chat_phrases,
    claim_phrases,
    job_phrases,
    progress_phrases,
    ticket_phrases,
)

# type → icon, colour, sentence. `who` and `what` are marked up; every other name is a value of the fact.
TABLE: dict[str, tuple[str, str, Any]] = {
    "ticket.created": ("circle-dot", "green", _l("%(who)s reported %(what)s")),
    "ticket.created.connection": (
        "arrow-down-to-line",
        "green",
        _l("%(what)s came in from %(who)s"),
    ),
    "ticket.status_changed": (
        "refresh-cw",
        "blue",
        _l("%(who)s moved %(what)s from %(old)s to %(new)s"),
    ),
    "ticket.responded": ("message-square", "purple", _l("%(who)s responded to %(what)s")),
    "ticket.deadline_near": ("clock", "amber", _l("A deadline of %(what)s is near")),
    "ticket.deadline_missed": ("clock", "red", _l("A deadline of %(what)s was missed")),
    "ticket.noted": ("sticky-note", "amber", _l("%(who)s wrote an internal note on %(what)s")),
    "ticket.assigned": ("user-check", "blue", _l("%(who)s assigned %(what)s to %(new)s")),
    "ticket.assigned.nobody": ("user", "grey", _l("%(who)s took %(old)s off %(what)s")),
    "ticket.edited": ("pencil", "blue", _l("%(who)s changed %(fields)s of %(what)s")),
    "ticket.withdrawn": (
        "undo-2",
        "grey",
        _l("%(who)s withdrew %(what)s with the import that made it"),
    ),
    "ticket.mail_returned": ("mail", "red", _l("A mail about %(what)s came back: %(reason)s")),
    "inbound_mail.failed": ("mail", "red", _l("A mail that came in could not be taken")),
    "inbound_mail.decided": ("mail", "blue", _l("%(who)s had a mail taken that came in")),
    "mail_stop.lifted": ("mail", "blue", _l("%(who)s lets mail go to an address again")),
    "mailbox.failing": ("mail", "red", _l("The mailbox cannot be read: %(error)s")),
    "mailbox.recovered": ("mail", "green", _l("The mailbox can be read again")),
    "mailbox.edited": ("mail", "blue", _l("%(who)s changed %(fields)s of the mailbox")),
    "import.started": (
        "file-text",
        "blue",
        _l("%(who)s began to import %(what)s (rows: %(rows)s)"),
    ),
    "import.done": (
        "file-text",
        "green",
        _l("%(who)s imported %(what)s (new: %(created)s, changed: %(updated)s, bad: %(bad)s)"),
    ),
    "import.undone": (
        "undo-2",
        "amber",
        _l("%(who)s undid the import of %(what)s (taken back: %(undone)s, left: %(left)s)"),
    ),
    "view.saved": ("filter", "green", _l("%(who)s saved the view %(what)s of tickets")),
    "view.edited": ("pencil", "blue", _l("%(who)s changed the view %(what)s of tickets")),
    "view.deleted": ("trash-2", "grey", _l("%(who)s deleted the view %(what)s of tickets")),
    "ticket_list.exported": (
        "download",
        "amber",
        _l("%(who)s exported a list of tickets as %(form)s"),
    ),
    "ticket.followed": ("eye", "grey", _l("Somebody asked to follow %(what)s")),
    "ticket.suggestion_dismissed": (
        "ban",
        "grey",
        _l("%(who)s decided that %(what)s and %(other)s are not about one thing"),
    ),
    "cluster.created": (
        "layers",
        "green",
        _l("%(who)s made the cluster %(what)s of tickets (%(tickets)s)"),
    ),
    "cluster.edited": ("pencil", "blue", _l("%(who)s changed %(fields)s of the cluster %(what)s")),
    "cluster.answered": (
        "message-square",
        "purple",
        _l("%(who)s answered the tickets of the cluster %(what)s together (%(tickets)s)"),
    ),
    "cluster.dissolved": ("x", "grey", _l("%(who)s dissolved the cluster %(what)s")),
    "record.pushed": (
        "arrow-up-from-line",
        "green",
        _l("%(connection)s took %(pushed)s of %(what)s"),
    ),
    "record.push_requested": (
        "send",
        "blue",
        _l("%(who)s had %(call)s of %(what)s sent to %(connection)s once more"),
    ),
    "record.push_parked": (
        "circle-alert",
        "red",
        _l("%(connection)s did not take %(pushed)s of %(what)s: it waits for you in the outbox"),
    ),
    "record.upstream_state_changed": ("plug", "blue", _l("%(connection)s lists %(what)s again")),
    "record.upstream_state_changed.withdrawn": (
        "ban",
        "amber",
        _l("%(connection)s withdrew its record of %(what)s; ours stays"),
    ),
    "record.upstream_state_changed.gone": (
        "circle-help",
        "amber",
        _l("%(connection)s no longer has %(what)s; ours stays"),
    ),
    "connection.created": ("plug", "green", _l("%(who)s added the connection %(what)s")),
    "connection.edited": ("pencil", "blue", _l("%(who)s changed the settings of %(what)s")),
    "connection.mapping_saved": (
        "git-compare-arrows",
        "blue",
        _l("%(who)s changed the mapping of %(what)s (version %(number)s)"),
    ),
    "connection.mapping_applied": (
        "git-compare-arrows",
        "green",
        _l(
            "%(who)s applied the mapping of %(what)s to its stored records (ours changed: %(updated)s)"
        ),
    ),
    "connection.dry_run_done": (
        "flask-conical",
        "grey",
        _l("%(who)s tried %(what)s in a dry run (records read: %(records)s)"),
    ),
    "connection.paused": ("circle-pause", "amber", _l("%(who)s paused %(what)s")),
    "connection.paused.auth_error": (
        "lock",
        "red",
        _l("%(what)s is paused: its token was refused"),
    ),
    "connection.paused.degraded": ("triangle-alert", "red", _l("%(what)s is in trouble")),
    "connection.resumed": ("circle-play", "green", _l("%(who)s resumed %(what)s")),
    "connection.sync_requested": ("refresh-cw", "blue", _l("%(who)s asked %(what)s to sync now")),
    "connection.value_mapped": (
        "git-compare-arrows",
        "green",
        _l("%(who)s mapped the %(field)s “%(upstream)s” of %(what)s to %(local)s"),
    ),
    "connection.quarantine_retried": (
        "rotate-cw",
        "blue",
        _l(
            "%(who)s had problem records of %(what)s read again (solved: %(solved)s, still wrong: %(wrong)s)"
        ),
    ),
    "connection.quarantine_ignored": (
        "x",
        "grey",
        _l("%(who)s left problem records of %(what)s out (%(records)s)"),
    ),
    "connection.reread_requested": (
        "history",
        "blue",
        _l("%(who)s had %(what)s read anew from %(since)s"),
    ),
    "connection.reread_requested.all": (
        "history",
        "blue",
        _l("%(who)s had everything of %(what)s read anew"),
    ),
    "connection.reconcile_started": (
        "git-compare-arrows",
        "blue",
        _l("%(who)s had the records of %(what)s compared (%(extent)s)"),
    ),
    "connection.reconcile_stopped": (
        "ban",
        "amber",
        _l("The comparison with %(what)s was stopped"),
    ),
    "connection.reconciled": (
        "git-compare-arrows",
        "green",
        _l("Compared with %(what)s: %(compared)s records, %(drift)s differences"),
    ),
    "connection.record_repaired": (
        "check",
        "green",
        _l("%(who)s repaired record %(external_id)s of %(what)s: %(how)s"),
    ),
    "record.field_decided": (
        "git-compare-arrows",
        "green",
        _l("%(who)s kept our %(field)s of %(what)s against %(connection)s"),
    ),
    "record.field_decided.upstream": (
        "git-compare-arrows",
        "green",
        _l("%(who)s took the %(field)s of %(what)s from %(connection)s"),
    ),
    "record.asked_again": (
        "search",
        "blue",
        _l("%(who)s had %(connection)s asked for %(what)s again"),
    ),
    "record.unlinked": (
        "x",
        "amber",
        _l("%(who)s unlinked %(what)s from record %(external_id)s of %(connection)s"),
    ),
    "connection.sync_failed": ("circle-x", "red", _l("The pull from %(what)s failed")),
    "connection.sync_recovered": (
        "circle-check",
        "green",
        _l("%(what)s works again (failed runs before: %(failures)s)"),
    ),
    "connection.sync_still_failing": (
        "circle-x",
        "red",
        _l("The pull from %(what)s failed a second time in a row"),
    ),
    "connection.failing": (
        "triangle-alert",
        "red",
        _l("Nothing has got through to %(what)s for %(hours)s hours (%(way)s)"),
    ),
    "connection.large_import": (
        "arrow-down-to-line",
        "amber",
        _l("%(what)s brought %(created)s new records in one run"),
    ),
    "connection.token_expires": (
        "key-round",
        "amber",
        _l("The token of %(what)s expires (days left: %(days)s)"),
    ),
    "connection.token_fell_back": (
        "key-round",
        "red",
        _l("%(what)s refused its new token …%(last4)s; the one before it is still used"),
    ),
    "connection.tested": (
        "flask-conical",
        "grey",
        _l("%(who)s tested the connection to %(what)s (%(host)s): %(outcome)s"),
    ),
    "connection.token_forgotten": (
        "key-round",
        "grey",
        _l("%(who)s had the replaced token of %(what)s deleted"),
    ),
    "delivery.retried": ("rotate-cw", "blue", _l("%(who)s asked to send again: %(what)s")),
    "delivery.edited": ("pencil", "blue", _l("%(who)s changed what is sent: %(what)s")),
    "delivery.cancelled": ("ban", "grey", _l("%(who)s cancelled a delivery: %(what)s")),
    "delivery.parked": ("circle-alert", "red", _l("A delivery waits for somebody: %(what)s")),
    **account_phrases.TABLE,
    "push_device.added": ("monitor", "blue", _l("%(who)s allowed notifications on %(label)s")),
    "push_device.removed": (
        "monitor",
        "grey",
        _l("Notifications on %(label)s of %(what)s were ended"),
    ),
    "desk.edited": ("settings", "blue", _l("%(who)s changed the settings of the desk")),
    "desk.edited.category": ("tag", "blue", _l("%(who)s changed what reporters may choose from")),
    "audit.exported": ("download", "amber", _l("%(who)s exported the audit trail")),
    **ticket_phrases.TABLE,
    **chat_phrases.TABLE,
    **progress_phrases.TABLE,
    **claim_phrases.TABLE,
    **job_phrases.TABLE,
}
