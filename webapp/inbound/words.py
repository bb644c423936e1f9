"""Why a mail was not taken, in words."""

from __future__ import annotations

from flask_babel import gettext

from webapp.inbound import nature


def why_ignored(kind: str, sign: str) -> str:
    """`sign`: the header that told it."""
    if kind == nature.BULK:
        return gettext("Mail to many, by its header %(sign)s.", sign=sign.title())
    if kind == nature.AUTOMATIC:
        return gettext("A machine's answer, by its header %(sign)s.", sign=sign.title())
    if kind == nature.DELAYED:
        return gettext("A server says that a mail is late. Nothing needs to be done.")
    return gettext("A mail of this desk that came back to it.")


def state_name(state: str) -> str:
    return {
        "new": gettext("Waiting"),
        "taken": gettext("Taken"),
        "ignored": gettext("Not taken"),
        "failed": gettext("Failed"),
    }.get(state, state)


def rule_choices() -> list[tuple[str, str]]:
    return [
        ("reopen", gettext("The ticket is opened again")),
        ("within", gettext("Opened again within some days, afterwards a new ticket linked to it")),
        ("new", gettext("A new ticket, linked to it")),
    ]


def security_choices() -> list[tuple[str, str]]:
    return [
        ("tls", gettext("Encrypted from the start (port 993)")),
        ("starttls", gettext("STARTTLS (port 143)")),
        ("none", gettext("Not encrypted: only within your own network")),
    ]
