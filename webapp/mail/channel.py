"""The outbox channel of mail.

SMTP has no way to ask whether a mail arrived, so a mail whose answer was lost is sent again under the same Message-ID:
at least once, and the mailboxes that know the rule show it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from webapp.core import clock, secrets, settings
from webapp.core.errors import Invalid
from webapp.mail import compose, queries, smtp
from webapp.mail.compose import Letter
from webapp.outbox.channels import Answer, Hold, Outcome, Prepared
from webapp.outbox.models import Delivery


@dataclass(frozen=True)
class Envelope:
    """A mail ready to be handed over."""

    server: smtp.Server
    sender: str
    recipient: str = field(repr=False)
    message: bytes = field(repr=False)


class MailChannel:
    name = "mail"

    def prepare(self, delivery: Delivery, *, unsure: bool) -> Prepared:
        """Raises Hold while no mail server is set up, Invalid when mail cannot arrive at the address."""
        current = settings.current()
        if not current.mail_configured:
            raise Hold(
                gettext(
                    "No mail server is set up. Set MAIL_SERVER; what waits then goes out by itself."
                )
            )
        ours = queries.message_of(delivery)
        wanted = delivery.payload
        _check_arrives(wanted["to_address"])
        letter = Letter(
            template=wanted["template"],
            to_address=wanted["to_address"],
            to_name=wanted["to_name"],
            values={**wanted["values"], **_unsealed(wanted)},
            message_id=ours.message_id,
            earlier=queries.earlier_in_thread(ours),
            answers=queries.answered_by(ours),
            reply_to=queries.reply_address(ours),
            auto_submitted=wanted["auto_submitted"],
            unsubscribe=wanted.get("unsubscribe", ""),
            bulk=wanted.get("bulk", False),
        )
        message = compose.compose(letter, sender=current.mail_default_sender, date=clock.now())
        envelope = Envelope(
            server=configured_server(current),
            sender=queries.return_address(
                ours, sender=compose.sender_address(current.mail_default_sender)
            ),
            recipient=compose.recipient(letter.to_address),
            message=message,
        )
        request = {
            "server": f"{current.mail_server}:{current.mail_port}",
            "message_id": ours.message_id,
            "template": letter.template,
            "size": len(envelope.message),
        }
        return Prepared(envelope, request)

    def send(self, prepared: Prepared) -> Answer:
        envelope: Envelope = prepared.call
        accepted = smtp.submit(
            envelope.server,
            sender=envelope.sender,
            recipient=envelope.recipient,
            message=envelope.message,
        )
        return Answer(
            status=accepted.code,
            text=accepted.text,
            keep={"message_id": prepared.request["message_id"]},
        )

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Nothing of its own to write: the Message-ID was stored when the mail was queued."""


def _unsealed(wanted: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: secrets.unseal(text, context=f"mail {wanted['template']} {name}")
        for name, text in wanted.get("sealed", {}).items()
    }


def _check_arrives(address: str) -> None:
    block = queries.block_of(address)
    if block is not None:
        raise Invalid(
            gettext(
                "Mail to this address came back: %(reason)s Correct the address, or lift the stop under Incoming mail.",
                reason=block.reason,
            )
        )


def configured_server(current: settings.Settings) -> smtp.Server:
    return smtp.Server(
        host=current.mail_server,
        port=current.mail_port,
        ssl=current.mail_use_ssl,
        tls=current.mail_use_tls,
        username=current.mail_username,
        password=current.mail_password.get_secret_value(),
    )
