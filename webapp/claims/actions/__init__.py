"""The only writers of the claim side. They need an open transaction."""

from webapp.claims.actions.settings import edit_claim_settings, enable_claims

__all__ = ["edit_claim_settings", "enable_claims"]
