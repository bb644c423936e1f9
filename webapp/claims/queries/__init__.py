"""Readings of the claim side, scoped by who asks."""

from webapp.claims.queries.bordereaux import (
    NOTHING_YET,
    Progress,
    all_bordereaux,
    bordereaux_page,
    count_bordereaux,
    progress_of,
    sums_of_bordereaux,
)
from webapp.claims.queries.bulletins import (
    all_bulletins,
    bulletins_of,
    bulletins_page,
    count_bulletins,
    flags_of,
    sums_of_bulletins,
)
from webapp.claims.queries.doubles import (
    count_undecided,
    duplicate_for,
    duplicates_of,
    duplicates_page,
)
from webapp.claims.queries.filters import (
    ALL,
    ANY_FLAG,
    OPEN_ONES,
    BordereauFilters,
    BulletinFilters,
)
from webapp.claims.queries.listing import (
    COUNTED_UP_TO,
    Sums,
    clients_in_use,
    sources_in_use,
)
from webapp.claims.queries.one import (
    bordereau_for,
    bulletin_for,
    file_for,
    files_of,
    notes_of,
    payments_of,
)
from webapp.claims.queries.payments import (
    BatchFilters,
    all_payments,
    batch_for,
    batches_page,
    client_by_id,
    clients_waiting,
    count_batches,
    payment_of,
    payments_page,
    waiting_bulletins,
)
from webapp.claims.queries.settings import claim_settings, claims_shown
from webapp.claims.queries.standing import standing_of

__all__ = [
    "ALL",
    "ANY_FLAG",
    "COUNTED_UP_TO",
    "NOTHING_YET",
    "OPEN_ONES",
    "BatchFilters",
    "BordereauFilters",
    "BulletinFilters",
    "Progress",
    "Sums",
    "all_bordereaux",
    "all_bulletins",
    "all_payments",
    "batch_for",
    "batches_page",
    "bordereau_for",
    "bordereaux_page",
    "bulletin_for",
    "bulletins_of",
    "bulletins_page",
    "claim_settings",
    "claims_shown",
    "client_by_id",
    "clients_in_use",
    "clients_waiting",
    "count_batches",
    "count_bordereaux",
    "count_bulletins",
    "count_undecided",
    "duplicate_for",
    "duplicates_of",
    "duplicates_page",
    "file_for",
    "files_of",
    "flags_of",
    "notes_of",
    "payment_of",
    "payments_of",
    "payments_page",
    "progress_of",
    "sources_in_use",
    "standing_of",
    "sums_of_bordereaux",
    "sums_of_bulletins",
    "waiting_bulletins",
]
