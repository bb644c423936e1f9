"""A folder on an IMAP server: what is new in it, and marking what was taken. Knows nothing of the database.

The name is resolved once and each address is checked before it is dialled, as for every foreign address.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from webapp.core import settings
from webapp.core.errors import RemoteError
from webapp.core.http import is_forbidden
from webapp.core.http.backend import resolve

STEP_S = 20.0
MOST_AT_ONCE = 200
_NUMBER = re.compile(rb"RFC822\.SIZE (\d+)")


@dataclass(frozen=True)
class Place:
    host: str
    port: int
    security: str  # tls, starttls, none
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"


class _Checked(imaplib.IMAP4):
    """imaplib's, dialling a checked address; `context`: TLS from the first byte."""

    def __init__(self, place: Place, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(place.host, place.port, timeout=STEP_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        address = _allowed_address(self.host, self.port)
        plain = socket.create_connection((address, self.port), timeout or STEP_S)
        if self._context is None:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


@dataclass
class Folder:
    """An open one. Numbers are UIDs."""

    line: imaplib.IMAP4
    uid_validity: int
    offers: frozenset[str]

    def after(self, uid: int) -> list[int]:
        """Those above `uid`, rising, some at a time."""
        found = _ok(self.line.uid("SEARCH", f"UID {uid + 1}:*"))
        numbers = sorted({int(one) for one in (found[0] or b"").split()})
        return [one for one in numbers if one > uid][:MOST_AT_ONCE]  # “*” gives the last one always

    def size(self, uid: int) -> int | None:
        """None: it is gone."""
        answer = _ok(self.line.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        found = _NUMBER.search(answer[0] or b"") if answer else None
        return int(found.group(1)) if found else None

    def read(self, uid: int, *, head_only: bool = False) -> bytes:
        """Without marking it as seen."""
        part = "(BODY.PEEK[HEADER])" if head_only else "(BODY.PEEK[])"
        answer = _ok(self.line.uid("FETCH", str(uid), part))
        return next((bytes(each[1]) for each in answer if isinstance(each, tuple)), b"")

    def done(self, uid: int, *, into: str) -> None:
        """Taken: moved where there is a place for such, else flagged. Doing it twice is harmless."""
        number = str(uid)
        if not into:
            _ok(self.line.uid("STORE", number, "+FLAGS.SILENT", "(\\Seen)"))
        elif "MOVE" in self.offers:
            _ok(self.line.uid("MOVE", number, _quoted(into)))
        else:
            _ok(self.line.uid("COPY", number, _quoted(into)))
            _ok(self.line.uid("STORE", number, "+FLAGS.SILENT", "(\\Deleted)"))
            if "UIDPLUS" in self.offers:
                _ok(self.line.uid("EXPUNGE", number))


@contextlib.contextmanager
def opened(place: Place, *, into: str = "") -> Iterator[Folder]:
    """Raises RemoteError with a sentence. `into`: where taken mails go; made where it is missing."""
    with _named(place.host):
        line = _connected(place)
        try:
            if into:
                line.create(_quoted(into))  # refused where it is there
            state, _ = line.select(_quoted(place.folder))
            if state != "OK":
                raise _failure(gettext("There is no folder “%(name)s”.", name=place.folder))
            validity = line.response("UIDVALIDITY")[1][0] or b"0"
            yield Folder(line, int(validity), _offers(line))
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                line.logout()


def _connected(place: Place) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    line = _Checked(place, context if place.security == "tls" else None)
    try:
        if place.security == "starttls":
            if "STARTTLS" not in line.capabilities:
                raise _failure(gettext("The server does not offer STARTTLS."), kind="tls")
            line.starttls(context)
        line.login(place.username, place.password)
    except BaseException:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            line.shutdown()
        raise
    return line


def _offers(line: imaplib.IMAP4) -> frozenset[str]:
    """Many servers say more once they know who asks; imaplib remembers what they said before."""
    words = (_ok(line.capability())[-1] or b"").decode("ascii", "replace")
    return frozenset(words.upper().split())


def _allowed_address(host: str, port: int) -> str:
    allowed = settings.current().sync_allowed_nets
    for address in resolve(host, port):
        if not is_forbidden(address, allowed_nets=allowed):
            return address
    raise _failure(
        gettext("This address is within your own network. Allow it by SYNC_ALLOWED_NETS."),
        kind="blocked",
    )


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    state, told = answer
    if state != "OK":
        raise imaplib.IMAP4.error("refused")
    return told


def _quoted(name: str) -> str:
    """A folder's name in IMAP's own UTF-7."""
    encoded = re.sub(r"[^\x20-\x7e]+|&", _utf7, name)
    return '"' + encoded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(found: re.Match[str]) -> str:
    if found.group() == "&":
        return "&-"
    coded = found.group().encode("utf-7").decode().strip("+-")
    return f"&{coded.replace('/', ',')}-"


def _failure(message: str, *, kind: str = "rejected") -> RemoteError:
    return RemoteError(message, kind=kind, retryable=kind != "blocked")


@contextlib.contextmanager
def _named(host: str) -> Iterator[None]:
    """What imaplib and the network raise, as sentences. A server's own words may hold addresses."""
    try:
        yield
    except RemoteError:
        raise
    except ssl.SSLError:
        raise _failure(
            gettext("The encrypted connection failed: the certificate, or the kind of encryption."),
            kind="tls",
        ) from None
    except (socket.gaierror, UnicodeError):
        raise _failure(
            gettext("There is no server named %(host)s.", host=host), kind="dns"
        ) from None
    except TimeoutError:
        raise _failure(gettext("The server did not answer in time."), kind="timeout") from None
    except OSError:
        raise _failure(gettext("The server cannot be reached."), kind="network") from None
    except imaplib.IMAP4.abort:
        raise _failure(gettext("The server ended the connection."), kind="network") from None
    except imaplib.IMAP4.error:
        raise _failure(
            gettext("The server refused: check the user name and the password.")
        ) from None
