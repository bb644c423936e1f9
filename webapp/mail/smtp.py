"""One mail over SMTP, with a deadline, checked certificates, and each failure named.

Flask-Mail holds the settings and the connection; `Line` adds what it lacks (see docs/decisions.md).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import flask_mail
from flask_babel import gettext

from webapp.core.errors import RemoteError
from webapp.outbox.channels import Hold

STEP_S = 15.0  # for each step: connecting, greeting, each command
WHOLE_S = 60.0  # for all of them, well within a delivery's lease
_ADDRESS = re.compile(r"[^\s<>@\"']+@[^\s<>@\"']+")


@dataclass(frozen=True)
class Server:
    """Where mail is handed over. `ssl`: TLS from the first byte; `tls`: STARTTLS, refused when not offered."""

    host: str
    port: int
    ssl: bool = False
    tls: bool = False
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Accepted:
    code: int
    text: str


def submit(server: Server, *, sender: str, recipient: str, message: bytes) -> Accepted:
    """Hand one message over. Raises RemoteError, or Hold when the server refuses our login."""
    end = time.monotonic() + WHOLE_S
    with _failures_named(_Progress()) as progress, Line(server, end) as line:
        smtp = line.smtp
        _command(smtp, end, "MAIL", lambda: smtp.mail(sender))
        _command(smtp, end, "RCPT", lambda: smtp.rcpt(recipient))
        progress.handed_over = True
        try:
            return _command(smtp, end, "DATA", lambda: smtp.data(message))
        except smtplib.SMTPDataError as refusal:  # DATA itself refused: nothing was handed over
            raise _refused("DATA", refusal.smtp_code, refusal.smtp_error) from None


def check(server: Server) -> None:
    """Connect, greet and sign in, send nothing. Raises like `submit`."""
    with _failures_named(_Progress()), Line(server, time.monotonic() + WHOLE_S):
        pass


class Line(flask_mail.Connection):
    """Flask-Mail's connection with time-outs and a checked certificate after STARTTLS, which it has not.

    `end`: monotonic time at which all of it must be over. Failures come as smtplib raises them.
    """

    def __init__(self, server: Server, end: float) -> None:
        super().__init__(_flask_mail(server))
        self.end = end

    @property
    def smtp(self) -> smtplib.SMTP:
        if self.host is None:
            raise RuntimeError("The line is not open.")
        return self.host

    def configure_host(self) -> smtplib.SMTP:
        if self.mail.use_ssl:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self.mail.server,
                self.mail.port,
                timeout=STEP_S,
                context=ssl.create_default_context(),
            )
        else:
            smtp = smtplib.SMTP(self.mail.server, self.mail.port, timeout=STEP_S)
        try:
            self._sign_in(smtp)
        except BaseException:
            _leave(smtp)
            raise
        return smtp

    def __exit__(self, *_error: object) -> None:
        _leave(self.smtp)

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        _limit(smtp, self.end)
        smtp.ehlo_or_helo_if_needed()
        if self.mail.use_tls and not self.mail.use_ssl:
            smtp.starttls(context=ssl.create_default_context())
            _limit(smtp, self.end)
            smtp.ehlo_or_helo_if_needed()
        if self.mail.username:
            _limit(smtp, self.end)
            smtp.login(self.mail.username, self.mail.password)


def _flask_mail(server: Server) -> flask_mail.Mail:
    names = {
        "MAIL_SERVER": server.host,
        "MAIL_PORT": server.port,
        "MAIL_USE_SSL": server.ssl,
        "MAIL_USE_TLS": server.tls,
        "MAIL_USERNAME": server.username,
        "MAIL_PASSWORD": server.password,
    }
    # What a connection needs of a Mail is its settings; init_mail gives just those.
    return flask_mail.Mail().init_mail(names)  # type: ignore[return-value]


@dataclass
class _Progress:
    handed_over: bool = False  # from here on a missing answer does not mean that it did not arrive


def _command(
    smtp: smtplib.SMTP, end: float, name: str, call: Callable[[], tuple[int, bytes]]
) -> Accepted:
    _limit(smtp, end)
    code, text = call()
    if not 200 <= code < 300:
        raise _refused(name, code, text)
    return Accepted(code, without_addresses(_decoded(text)))


def _limit(smtp: smtplib.SMTP, end: float) -> None:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    if smtp.sock is not None:
        smtp.sock.settimeout(min(STEP_S, left))


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye without waiting long; what was accepted stays accepted."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if smtp.sock is not None:
            smtp.sock.settimeout(2)
            smtp.quit()
    smtp.close()


def _refused(step: str, code: int, text: bytes | str) -> RemoteError | Hold:
    """What a refusing answer means: 4xx for a while, 5xx for good; some are about us and not about this mail."""
    answer = without_addresses(_decoded(text))
    if code in (530, 534, 535, 538):
        return _login_refused(code, answer)
    if step == "MAIL" and 500 <= code < 600:
        return Hold(
            gettext(
                "The mail server does not accept our sender address (%(code)s %(answer)s). Check MAIL_DEFAULT_SENDER.",
                code=code,
                answer=answer[:200],
            )
        )
    if step == "RCPT":
        message = gettext(
            "The mail server refused the recipient: %(code)s %(answer)s",
            code=code,
            answer=answer[:200],
        )
    else:
        message = gettext(
            "The mail server refused the mail: %(code)s %(answer)s", code=code, answer=answer[:200]
        )
    later = not 500 <= code < 600
    return RemoteError(
        message,
        kind="server" if later else "rejected",
        retryable=later,
        http_status=code,
        body=answer.encode(),
    )


def _login_refused(code: int, answer: str) -> Hold:
    return Hold(
        gettext(
            "The mail server refused our login (%(code)s %(answer)s). Check MAIL_USERNAME and MAIL_PASSWORD.",
            code=code,
            answer=answer[:200],
        )
    )


def _timed_out(progress: _Progress) -> RemoteError:
    message = gettext("The mail server did not answer in time.")
    return RemoteError(message, kind="timeout", retryable=True, ambiguous=progress.handed_over)


def without_addresses(text: str) -> str:
    """Servers repeat the recipient in their answers; we do not."""
    return _ADDRESS.sub("(address)", text)


def _decoded(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


@contextlib.contextmanager
def _failures_named(progress: _Progress) -> Iterator[_Progress]:
    """Everything smtplib and the network raise, as RemoteError or Hold."""
    try:
        yield progress
    except smtplib.SMTPAuthenticationError as error:
        if 400 <= error.smtp_code < 500:
            raise _refused("AUTH", error.smtp_code, error.smtp_error) from None
        raise _login_refused(
            error.smtp_code, without_addresses(_decoded(error.smtp_error))
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise Hold(
            gettext(
                "The mail server does not offer what the settings ask for (MAIL_USE_TLS or a login)."
            )
        ) from None
    except (
        smtplib.SMTPResponseException
    ) as error:  # greeting or EHLO: about us, not about this mail
        answer = without_addresses(_decoded(error.smtp_error))
        raise RemoteError(
            gettext(
                "The mail server turns us away: %(code)s %(answer)s",
                code=error.smtp_code,
                answer=answer[:200],
            ),
            kind="server",
            retryable=True,
            http_status=error.smtp_code,
            body=answer.encode(),
        ) from None
    except ssl.SSLError:
        message = gettext(
            "The encrypted connection to the mail server failed; its certificate may be wrong."
        )
        raise RemoteError(
            message, kind="tls", retryable=True, ambiguous=progress.handed_over
        ) from None
    except TimeoutError:
        raise _timed_out(progress) from None
    except socket.gaierror:
        message = gettext("The mail server's name is not known. Check MAIL_SERVER.")
        raise RemoteError(message, kind="dns", retryable=True) from None
    except (smtplib.SMTPException, OSError) as error:
        if isinstance(error.__context__, TimeoutError):  # smtplib calls it a lost connection
            raise _timed_out(progress) from None
        message = gettext("The connection to the mail server failed.")
        raise RemoteError(
            message, kind="network", retryable=True, ambiguous=progress.handed_over
        ) from None
