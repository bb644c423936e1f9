"""The sentences of the claim side, as in `phrases`."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "bordereau.created": ("inbox", "green", _l("The bordereau %(what)s of %(client)s came in")),
    "bordereau.status_changed": (
        "refresh-cw",
        "blue",
        _l("%(who)s moved the bordereau %(what)s from %(old)s to %(new)s"),
    ),
    "bordereau.edited": ("pencil", "blue", _l("%(who)s changed %(fields)s of %(what)s")),
    "bulletin.created": (
        "file-text",
        "green",
        _l("The bulletin %(what)s came in with %(bordereau)s"),
    ),
    "bulletin.status_changed": (
        "refresh-cw",
        "blue",
        _l("%(who)s moved the bulletin %(what)s from %(old)s to %(new)s"),
    ),
    "bulletin.edited": ("pencil", "blue", _l("%(who)s changed %(fields)s of %(what)s")),
    "bulletin.noted": ("sticky-note", "amber", _l("%(who)s wrote a note on %(what)s")),
    "bulletin.file_added": ("paperclip", "grey", _l("%(who)s added “%(name)s” to %(what)s")),
    "bulletin.duplicate_found": (
        "copy",
        "amber",
        _l("%(what)s may be the same claim as %(other)s: it waits for a decision"),
    ),
    "bulletin.duplicate_found.number": (
        "copy",
        "amber",
        _l("Another claim has the number %(what)s, too: it waits for a decision"),
    ),
    "bulletin.duplicate_decided": (
        "check",
        "green",
        _l("%(who)s decided that %(what)s and %(other)s are different claims"),
    ),
    "bulletin.duplicate_decided.self": (
        "copy",
        "red",
        _l("%(who)s decided that %(what)s is a duplicate of %(other)s"),
    ),
    "bulletin.duplicate_decided.other": (
        "copy",
        "red",
        _l("%(who)s decided that %(other)s is a duplicate of %(what)s"),
    ),
    "bulletin.payment_changed": (
        "refresh-cw",
        "blue",
        _l(
            "%(who)s moved the payment of %(amount)s for %(what)s from %(old)s to %(new)s (%(batch)s)"
        ),
    ),
    "bulletin.payment_changed.made": (
        "plus",
        "green",
        _l("%(who)s put %(what)s with %(amount)s into the payment %(batch)s"),
    ),
    "bulletin.complaint_tied": (
        "link",
        "amber",
        _l("%(who)s tied the complaint %(ticket)s to %(what)s"),
    ),
    "bulletin.complaint_tied.untied": (
        "x",
        "grey",
        _l("%(who)s untied the complaint %(ticket)s from %(what)s"),
    ),
    "bulletin.complaint_moved": (
        "refresh-cw",
        "blue",
        _l("The complaint %(ticket)s about %(what)s went from %(old)s to %(new)s"),
    ),
    "payment_batch.made": (
        "plus",
        "green",
        _l("%(who)s made the payment %(what)s for %(client)s: bulletins %(count)s, %(total)s"),
    ),
    "payment_batch.moved": (
        "refresh-cw",
        "blue",
        _l("%(who)s moved the payment %(what)s from %(old)s to %(new)s"),
    ),
    "payment_batch.edited": (
        "pencil",
        "blue",
        _l("%(who)s changed %(fields)s of the payment %(what)s"),
    ),
    "payment_batch.exported": (
        "download",
        "amber",
        _l("%(who)s exported the payment %(what)s (%(form)s)"),
    ),
    "payment_batch.answered": (
        "arrow-down-to-line",
        "green",
        _l(
            "%(who)s read the bank's answer to the payment %(what)s: paid %(paid)s, rejected %(rejected)s"
        ),
    ),
    "client.created": ("building-2", "green", _l("The client %(what)s was added")),
    "client.edited": ("pencil", "blue", _l("%(who)s changed %(fields)s of the client %(what)s")),
    "contract.created": (
        "file-text",
        "green",
        _l("The contract %(what)s of %(client)s was added"),
    ),
    "contract.edited": (
        "pencil",
        "blue",
        _l("%(who)s changed %(fields)s of the contract %(what)s"),
    ),
    "claim_list.exported": ("download", "amber", _l("%(who)s exported a list of %(kind)s")),
    "claim_settings.edited": (
        "settings",
        "blue",
        _l("%(who)s changed how claims are handled"),
    ),
}
