"""The rows of the claim side. Amounts are exact decimals in the currency of their bordereau."""

from webapp.claims.models.claims import (
    Bordereau,
    Bulletin,
    BulletinFile,
    BulletinItem,
    BulletinNote,
    Complaint,
    DuplicatePair,
)
from webapp.claims.models.parties import ClaimSettings, Client, Contract
from webapp.claims.models.payments import Payment, PaymentBatch

__all__ = [
    "Bordereau",
    "Bulletin",
    "BulletinFile",
    "BulletinItem",
    "BulletinNote",
    "ClaimSettings",
    "Client",
    "Complaint",
    "Contract",
    "DuplicatePair",
    "Payment",
    "PaymentBatch",
]
