"""Test connection: the network alone, before anything is saved."""

# ruff: noqa: PT028 - test_connection is no test of ours

from __future__ import annotations

from collections.abc import Mapping

from webapp.core import settings
from webapp.core.http import Client, Limits
from webapp.sync import tokens
from webapp.sync.connectors import registry
from webapp.sync.connectors.calling import check_base_url
from webapp.sync.connectors.declaration import Declaration
from webapp.sync.connectors.probe import ProbeResult, probe
from webapp.sync.models import Connection

# Somebody looks at the page meanwhile: a test that takes longer has failed.
PATIENCE = Limits(read=10.0, total=20.0)


def test_connection(
    *,
    kind: str,
    base_url: str,
    secret: str = "",
    allow_http: bool = False,
    options: Mapping[str, str] | None = None,
    timezone: str = "",
    declaration: Declaration | None = None,
) -> ProbeResult:
    """Whose token it is, what it may do, one record as it is and as the ticket it would become.

    Raises RemoteError with its kind and advice (M6); Invalid for an address that is none; NotFound for an
    unknown kind. `declaration`: an edited one instead of the kind's. `plan` of the result goes to create_connection.
    """
    declaration = declaration or registry.get(kind)
    address = check_base_url(base_url, allow_http=allow_http)
    allowed = settings.current().sync_allowed_nets
    with Client(limits=PATIENCE, allowed_nets=allowed, allow_http=allow_http) as client:
        return probe(
            declaration,
            base_url=address,
            client=client,
            secret=secret.strip(),
            options=options,
            timezone=timezone,
        )


def saved_secret(connection: Connection, base_url: str) -> str:
    """The stored token for a test of a saved connection, where the host is still the one it was given for."""
    if tokens.host_of(base_url) != tokens.host_of(connection.base_url):
        return ""
    if connection.base_url.startswith("https:") and not base_url.startswith("https:"):
        return ""
    return tokens.read(connection)
