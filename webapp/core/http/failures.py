"""The failures of a remote call in words, each with what to do about it (promise M6)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.errors import RemoteError

# kind → (what happened, what to do). Only the host is filled in: no path, no query, no body.
_TEXTS = {
    "network": (
        _l("%(host)s could not be reached."),
        _l(
            "Check the address and its port, that this machine has a network, and that a firewall "
            "lets it reach %(host)s. The desk tries again by itself."
        ),
    ),
    "dns": (
        _l("No such host: %(host)s has no address."),
        _l("Check the spelling of the address, and that this machine's name server works."),
    ),
    "tls": (
        _l(
            "The secure connection to %(host)s failed: its certificate or protocol is not accepted."
        ),
        _l(
            "Check the port: it may speak no https. Else ask the owner of %(host)s to renew or "
            "correct its certificate, and check this machine's clock."
        ),
    ),
    "timeout": (
        _l("%(host)s did not answer in time."),
        _l("It may be overloaded or down. The desk tries again by itself."),
    ),
    "unauthorized": (
        _l("%(host)s refused the token (401)."),
        _l(
            "The token is wrong, expired or revoked. Paste a new one (of a saved connection: in its settings)."
        ),
    ),
    "forbidden": (
        _l("%(host)s does not allow this with the given token (403)."),
        _l(
            "The token lacks a permission (scope). Ask the owner of %(host)s to add it, or paste "
            "another token."
        ),
    ),
    "not_found": (
        _l("%(host)s has nothing at this address (404)."),
        _l("Check the base address of the connection: a part of the path may be wrong."),
    ),
    "gone": (
        _l("%(host)s says that this is gone for good (410)."),
        _l("The record or the saved position no longer exists there. The next run starts anew."),
    ),
    "rate_limited": (
        _l("%(host)s asks us to slow down (429)."),
        _l("Nothing to do: the desk waits as long as it was told to. A longer interval helps."),
    ),
    "conflict": (
        _l("%(host)s has a newer version of this record."),
        _l("The desk reads it again before it sends the change once more."),
    ),
    "rejected": (
        _l("%(host)s rejected the request (%(status)s)."),
        _l("Look at its answer, correct the mapping or the value, then retry."),
    ),
    "server": (
        _l("%(host)s has an internal problem (%(status)s)."),
        _l("The fault is on their side. The desk tries again by itself."),
    ),
    "not_json": (
        _l("%(host)s did not answer with JSON."),
        _l(
            "The address may lead to a web page instead of the programming interface, or a proxy "
            "stands in between. Check the base address."
        ),
    ),
    "not_xml": (
        _l("%(host)s did not answer with readable XML."),
        _l("Check the base address, or choose another format if the system offers one."),
    ),
    "wrong_shape": (
        _l("The answer of %(host)s does not have the expected shape."),
        _l(
            "The address may belong to another kind of system, or its interface has changed. "
            "Compare its answer with the connector's declaration."
        ),
    ),
    "too_large": (
        _l("The answer of %(host)s is larger than allowed."),
        _l("Use a smaller page size in the connector's declaration."),
    ),
    "redirect": (
        _l("%(host)s redirects to another address; the desk does not follow, to guard the token."),
        _l("Enter the final address of the system as the base address."),
    ),
    "blocked": (
        _l("%(host)s is an address that the desk must not call."),
        _l(
            "It is private, local or reserved. If the system really stands in your own network, "
            "add its network to SYNC_ALLOWED_NETS."
        ),
    ),
    "endless": (
        _l("%(host)s keeps sending pages without getting on."),
        _l("Its paging repeats itself. Check the paging part of the connector's declaration."),
    ),
}

KINDS = frozenset(_TEXTS)
_RETRYABLE = frozenset({"network", "dns", "tls", "timeout", "rate_limited", "server"})


def failure(
    kind: str,
    host: str,
    *,
    message: str = "",
    advice: str = "",
    retryable: bool | None = None,
    ambiguous: bool = False,
    retry_after: float | None = None,
    http_status: int | None = None,
    body: bytes = b"",
) -> RemoteError:
    """The error of that kind with its standard words; `message` and `advice` replace them."""
    said, todo = _TEXTS[kind]
    words = {"host": host or "?", "status": http_status or "?"}
    return RemoteError(
        message or str(said) % words,
        kind=kind,
        advice=advice or str(todo) % words,
        retryable=kind in _RETRYABLE if retryable is None else retryable,
        ambiguous=ambiguous,
        retry_after=retry_after,
        http_status=http_status,
        body=body[:2048],
    )
