"""E-mail addresses as they are compared and kept, and network addresses as coarse as we keep them. Pure."""

from __future__ import annotations

import ipaddress
import unicodedata


def normal_email(text: str) -> str:
    """Trimmed, in one Unicode form, in lower case: what is looked up and stored."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def domain_of(email: str) -> str:
    return normal_email(email).rpartition("@")[2]


def coarse_address(address: str | None) -> str:
    """The network that an address lies in (203.0.113.0/24, 2001:db8:7::/48), or ""."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    bits = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network((found, bits), strict=False))


def is_near(network: str) -> bool:
    """Whether a coarse address is of a local network."""
    try:
        return bool(network) and ipaddress.ip_network(network).is_private
    except ValueError:
        return False
