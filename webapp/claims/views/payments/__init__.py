"""/claims/payments: finance makes batches, moves them, hands them to the bank and reads its answer."""

from webapp.claims.views.payments import answering, listing, making, working  # noqa: F401
