"""Test connection, as a function of a declaration, an address and a secret."""

from webapp.sync.connectors.probe.identity import Identity, token_expiry
from webapp.sync.connectors.probe.trying import ProbeResult, probe

__all__ = ["Identity", "ProbeResult", "probe", "token_expiry"]
