"""Readings of the claim side, scoped by who asks."""

from webapp.claims.queries.doubles import (
    count_undecided,
    duplicate_for,
    duplicates_of,
    duplicates_page,
)
from webapp.claims.queries.settings import claim_settings, claims_shown
from webapp.claims.queries.standing import standing_of

__all__ = [
    "claim_settings",
    "claims_shown",
    "count_undecided",
    "duplicate_for",
    "duplicates_of",
    "duplicates_page",
    "standing_of",
]
