"""The mail settings tried out, with the answer in words: is there a server, does it take us."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from webapp.core import settings
from webapp.core.errors import RemoteError
from webapp.mail import smtp
from webapp.mail.channel import configured_server
from webapp.outbox.channels import Hold


@dataclass(frozen=True)
class Checked:
    """`text`: what was found; `advice`: what to do about it, empty when all is well."""

    ok: bool
    text: str
    advice: str = ""


def check_server() -> Checked:
    """Connects, greets and signs in; sends nothing. Takes as long as the server does, a minute at most."""
    current = settings.current()
    if not current.mail_configured:
        return Checked(False, gettext("No mail server is set up."), gettext("Set MAIL_SERVER."))
    place = f"{current.mail_server}:{current.mail_port}"
    try:
        smtp.check(configured_server(current))
    except RemoteError as error:
        return Checked(False, f"{place}: {error.message}", _advice(error.kind))
    except Hold as refusal:
        return Checked(False, f"{place}: {refusal.message}")
    return Checked(True, _found(place, current))


def _found(place: str, current: settings.Settings) -> str:
    encrypted = current.mail_use_ssl or current.mail_use_tls
    parts = [gettext("%(place)s answers.", place=place)]
    parts.append(
        gettext("The line is encrypted.") if encrypted else gettext("The line is not encrypted.")
    )
    if current.mail_username:
        parts.append(gettext("It accepts our login."))
    return " ".join(parts)


def _advice(kind: str) -> str:
    return {
        "dns": gettext("Check the spelling of MAIL_SERVER."),
        "network": gettext(
            "Check MAIL_SERVER and MAIL_PORT, and that a firewall lets this machine through."
        ),
        "timeout": gettext(
            "Check MAIL_PORT: a port for encrypted lines keeps silent to others (MAIL_USE_SSL for 465)."
        ),
        "tls": gettext(
            "Check MAIL_USE_TLS (STARTTLS, mostly port 587) and MAIL_USE_SSL (port 465), the server's "
            "certificate and this machine's clock."
        ),
    }.get(kind, gettext("Ask whoever runs the mail server what this answer means."))
