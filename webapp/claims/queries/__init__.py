"""Readings of the claim side, scoped by who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.claims.queries.bordereaux import (
        NOTHING_YET,
        Progress,
        all_bordereaux,
        bordereaux_page,
        count_bordereaux,
        progress_of,
        sums_of_bordereaux,
        within_filtered,
    )
    from webapp.claims.queries.bulletins import (
        all_bulletins,
        bulletins_of,
        bulletins_page,
        count_bulletins,
        flags_of,
        sums_of_bulletins,
    )
    from webapp.claims.queries.complaints import (
        bulletin_complained_of,
        bulletins_named,
        bulletins_with_number,
        complaints_of,
    )
    from webapp.claims.queries.doubles import (
        count_undecided,
        duplicate_for,
        duplicates_of,
        duplicates_page,
    )
    from webapp.claims.queries.figures import (
        Figure,
        Standing,
        Week,
        count_mismatches,
        overdue,
        paid_between,
        received_between,
        standing_now,
        weeks_until,
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
    from webapp.claims.queries.parties import (
        account_change,
        bordereaux_of_client,
        bordereaux_of_contract,
        client_for,
        clients_page,
        contract_for,
        contracts_of_client,
        figures_of_clients,
        orders_before,
        sums_of_client,
        used_of,
    )
    from webapp.claims.queries.payments import (
        BatchFilters,
        all_payments,
        batch_for,
        batches_page,
        clients_waiting,
        count_batches,
        latest_payment,
        live_payment,
        paid_of,
        payment_of,
        payments_page,
        sums_paid,
        waiting_bulletins,
    )
    from webapp.claims.queries.settings import claim_settings, claims_shown
    from webapp.claims.queries.standing import latest_complaint, standing_of
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "ALL",
    "ANY_FLAG",
    "COUNTED_UP_TO",
    "NOTHING_YET",
    "OPEN_ONES",
    "BatchFilters",
    "BordereauFilters",
    "BulletinFilters",
    "Figure",
    "Progress",
    "Standing",
    "Sums",
    "Week",
    "account_change",
    "all_bordereaux",
    "all_bulletins",
    "all_payments",
    "batch_for",
    "batches_page",
    "bordereau_for",
    "bordereaux_of_client",
    "bordereaux_of_contract",
    "bordereaux_page",
    "bulletin_complained_of",
    "bulletin_for",
    "bulletins_named",
    "bulletins_of",
    "bulletins_page",
    "bulletins_with_number",
    "claim_settings",
    "claims_shown",
    "client_for",
    "clients_in_use",
    "clients_page",
    "clients_waiting",
    "complaints_of",
    "contract_for",
    "contracts_of_client",
    "count_batches",
    "count_bordereaux",
    "count_bulletins",
    "count_mismatches",
    "count_undecided",
    "duplicate_for",
    "duplicates_of",
    "duplicates_page",
    "figures_of_clients",
    "file_for",
    "files_of",
    "flags_of",
    "latest_complaint",
    "latest_payment",
    "live_payment",
    "notes_of",
    "orders_before",
    "overdue",
    "paid_between",
    "paid_of",
    "payment_of",
    "payments_of",
    "payments_page",
    "progress_of",
    "received_between",
    "sources_in_use",
    "standing_now",
    "standing_of",
    "sums_of_bordereaux",
    "sums_of_bulletins",
    "sums_of_client",
    "sums_paid",
    "used_of",
    "waiting_bulletins",
    "weeks_until",
    "within_filtered",
]
