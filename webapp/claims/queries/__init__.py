"""Readings of the claim side, scoped by who asks."""

from webapp.claims.queries.settings import claim_settings, claims_shown

__all__ = ["claim_settings", "claims_shown"]
