"""One call to one upstream: address, auth, pacing, and what its errors mean."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from flask_babel import gettext

from webapp.core.errors import Invalid, RemoteError
from webapp.core.http import Client, Request, Response
from webapp.core.http.failures import failure
from webapp.core.http.redact import HIDDEN
from webapp.core.http.status import status_error
from webapp.sync.connectors.declaration import Auth, Declaration, Shape
from webapp.sync.connectors.pacing import Pace
from webapp.sync.connectors.parsing import parse_body
from webapp.sync.connectors.paths import ABSENT, compile_path

SHORTEST_HIDDEN = 6  # a shorter secret stands in innocent words
_ACCEPT = {"json": "application/json", "xml": "application/xml, text/xml"}


@dataclass(slots=True)
class Tally:
    """What the calls so far have cost."""

    requests: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Caller:
    """Calls one base address with one secret. Nothing is ever sent to another origin."""

    declaration: Declaration
    shape: Shape
    auth: Auth
    base_url: str
    secret: str
    client: Client
    options: Mapping[str, str] = field(default_factory=dict)
    pace: Pace = field(default_factory=lambda: Pace(None, sleep=time.sleep))
    tally: Tally = field(default_factory=Tally)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    def build(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: bytes = b"",
        auth: Auth | None = None,
    ) -> Request:
        """The request with its auth. `path`: begins with / under the base, or is a whole address."""
        used = auth or self.auth
        query, fields = dict(params or {}), dict(form) if form is not None else None
        sent = {"Accept": _ACCEPT[self.shape.format], **(headers or {})}
        self._authorise(used, sent, query, fields)
        if fields is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields).encode()
        return Request(method, self._address(path, query), headers=sent, body=body)

    def send(self, request: Request) -> Response:
        """The answer with any status below 300, or 304. Raises RemoteError in the upstream's terms."""
        self.pace.wait()
        self.tally.requests += 1
        response = self._without_secret(self.client.send(request, check=False))
        self.pace.note(response.headers)
        self.tally.bytes += response.wire_bytes or len(response.body)
        error = status_error(
            response.status,
            host=self.host,
            method=request.method,
            headers=response.headers,
            body=response.body,
        )
        if error is not None:
            raise self._in_their_terms(error, response)
        return response

    def value(self, response: Response) -> Any:
        """The parsed body. Raises RemoteError for what cannot be read, or is an error inside a 200."""
        found = parse_body(response, form=self.shape.format, host=self.host)
        self._check_inside(found, response)
        return found

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self.value(self.send(self.build("GET", path, params=params)))

    def wrong_shape(self, what: str, response: Response | None = None) -> RemoteError:
        return failure(
            "wrong_shape",
            self.host,
            message=gettext(
                "The answer of %(host)s does not have the expected shape: %(what)s.",
                host=self.host,
                what=what,
            ),
            body=response.body if response else b"",
        )

    def _address(self, path: str, query: Mapping[str, str]) -> str:
        whole = path if "://" in path else join_base(self.base_url, self.shape.base_path) + path
        if origin(whole) != origin(self.base_url):
            raise failure(
                "redirect",
                self.host,
                message=gettext(
                    "%(host)s points to a page on another address; the desk does not follow, "
                    "to keep the token safe.",
                    host=self.host,
                ),
            )
        if not query:
            return whole
        return f"{whole}{'&' if '?' in whole else '?'}{urlencode(query)}"

    def _authorise(
        self,
        auth: Auth,
        headers: dict[str, str],
        query: dict[str, str],
        form: dict[str, str] | None,
    ) -> None:
        if auth.kind == "none" or not self.secret:
            return
        if auth.kind == "bearer":
            headers["Authorization"] = f"Bearer {self.secret}"
        elif auth.kind == "basic":
            headers["Authorization"] = f"Basic {base64.b64encode(self.secret.encode()).decode()}"
        elif auth.kind == "header":
            headers[auth.name] = f"{auth.prefix}{self.secret}"
        elif auth.kind == "form" and form is not None:
            form[auth.name] = self.secret
        else:
            query[auth.name] = self.secret

    def _without_secret(self, response: Response) -> Response:
        """Some systems repeat in their answer what they were sent; no table or log shall keep that."""
        if len(self.secret) < SHORTEST_HIDDEN:
            return response
        body, headers = response.body, dict(response.headers)
        for form in _written(self.secret):
            body = body.replace(form.encode(), HIDDEN.encode())
            headers = {name: value.replace(form, HIDDEN) for name, value in headers.items()}
        return replace(response, body=body, headers=headers)

    def _in_their_terms(self, error: RemoteError, response: Response) -> RemoteError:
        """The same failure, told by the upstream's own error code where the declaration knows it."""
        codes = self.shape.codes
        if codes is None:
            return error
        try:
            found = parse_body(response, form=self.shape.format, host=self.host)
        except RemoteError:
            return error
        for path in codes.path:
            meaning = codes.meanings.get(str(compile_path(path)(found)))
            if meaning is not None:
                return failure(
                    meaning.kind,
                    self.host,
                    message=meaning.message,
                    retryable=error.retryable,
                    ambiguous=error.ambiguous,
                    retry_after=error.retry_after,
                    http_status=error.http_status,
                    body=response.body,
                )
        return error

    def _check_inside(self, found: Any, response: Response) -> None:
        for rule in self.shape.errors:
            said = compile_path(rule.path)(found)
            if said is ABSENT or said is None:
                continue
            text = str(said)
            named = any(text.casefold() == word.casefold() for word in rule.equals)
            held = bool(rule.contains) and rule.contains.casefold() in text.casefold()
            if named or held or not (rule.equals or rule.contains):
                raise failure(
                    rule.kind,
                    self.host,
                    message=rule.message,
                    http_status=response.status,
                    body=response.body,
                )


def _written(secret: str) -> tuple[str, ...]:
    """The forms in which a secret travels: as it is, in Basic, in an address or form, in JSON of some systems."""
    packed = base64.b64encode(secret.encode()).decode()
    in_address = (quote(secret), quote(secret, safe=""))
    return tuple(dict.fromkeys((secret, packed, *in_address, secret.replace("/", "\\/"))))


def origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), parts.port or usual


def join_base(base_url: str, base_path: str) -> str:
    """The base with the shape's path; an address that was pasted with the path keeps it once."""
    base = base_url.rstrip("/")
    return base if not base_path or urlsplit(base).path.endswith(base_path) else base + base_path


def absolute(base: str, link: str) -> str:
    """A link of the upstream, made whole."""
    return urljoin(base, link)


def check_base_url(text: str, *, allow_http: bool = False) -> str:
    """The address tidied, without a slash at its end. Raises Invalid for the field base_url."""
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        usable = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        )
    except ValueError:
        usable = False
    if not usable:
        raise _bad_address(gettext("Enter an address such as https://city.example/api."))
    if parts.username is not None or parts.query or parts.fragment:
        raise _bad_address(gettext("Leave out user names, question marks and # in the address."))
    if parts.scheme == "http" and not allow_http:
        raise _bad_address(gettext("Use https, or tick that this connection may go unencrypted."))
    return address


def _bad_address(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"base_url": sentence})
