"""What a machine of ours answers to a mail, at most once a mail and seldom to one sender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from webapp.accounts.queries import desk
from webapp.core import settings
from webapp.inbound import knowing
from webapp.inbound.files import Sorted
from webapp.mail.actions import queue_mail
from webapp.mail.models import InboundMail
from webapp.tickets.models import Ticket


def tell_of_files(row: InboundMail, ticket: Ticket, files: Sorted) -> None:
    """Which files did not come through; the words did."""
    if not files.refused or not knowing.may_confirm(row, row.sender):
        return
    values = {"ref": ticket.ref, "url": f"/follow/{ticket.follow_token}", "files": files.refused}
    summary = gettext("To the sender of a mail: files of it were not taken")
    _answer(row, "sender_files", values, ("ticket", ticket.id), summary)


def tell_too_large(row: InboundMail) -> None:
    if not row.sender or not knowing.may_confirm(row, row.sender):
        return
    summary = gettext("To the sender of a mail: it is too large")
    values = {"ref": gettext("mail"), "url": "/", "files": ()}
    _answer(row, "sender_too_large", values, ("inbound_mail", row.id), summary)


def _answer(
    row: InboundMail,
    template: str,
    values: Mapping[str, Any],
    subject: tuple[str, int],
    summary: str,
) -> None:
    url = settings.current().base_url + values["url"]
    said = {"desk": desk().name, "name": row.sender_name, "title": row.subject}
    queue_mail(
        template,
        to_address=row.sender,
        to_name=row.sender_name,
        values={**said, **values, "files": list(values["files"]), "url": url},
        subject=subject,
        role="reporter",
        summary=summary,
        auto_submitted="auto-replied",
    )
    row.answered = True
