"""What can have happened on the claim side. Amounts stand in facts as texts with all their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact

Changes = dict[str, list[str | None]]  # field → [old, new]; texts are cut to 200 characters


@dataclass(frozen=True, kw_only=True)
class ClaimFact(Fact):
    """All of it is internal: no reporter has a page of claims."""

    internal: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class BordereauFact(ClaimFact):
    subject_kind: ClassVar[str] = "bordereau"
    ref: str  # the reference that people see


@dataclass(frozen=True, kw_only=True)
class BordereauCreated(BordereauFact):
    type: ClassVar[str] = "bordereau.created"
    client: str


@dataclass(frozen=True, kw_only=True)
class BordereauStatusChanged(BordereauFact):
    """`derived`: it followed from its bulletins, and nobody asked for it."""

    type: ClassVar[str] = "bordereau.status_changed"
    old: str
    new: str
    derived: bool = False


@dataclass(frozen=True, kw_only=True)
class BordereauEdited(BordereauFact):
    type: ClassVar[str] = "bordereau.edited"
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class BulletinFact(ClaimFact):
    subject_kind: ClassVar[str] = "bulletin"
    ref: str  # its number


@dataclass(frozen=True, kw_only=True)
class BulletinCreated(BulletinFact):
    type: ClassVar[str] = "bulletin.created"
    bordereau: str


@dataclass(frozen=True, kw_only=True)
class BulletinStatusChanged(BulletinFact):
    """`amount`: what was validated or paid, where it was. `reason`: why it was rejected, in words, and `code`, one
    of states.REJECTIONS."""

    type: ClassVar[str] = "bulletin.status_changed"
    old: str
    new: str
    amount: str = ""
    reason: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class BulletinEdited(BulletinFact):
    type: ClassVar[str] = "bulletin.edited"
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class BulletinNoted(BulletinFact):
    type: ClassVar[str] = "bulletin.noted"
    note_id: int


@dataclass(frozen=True, kw_only=True)
class BulletinFileAdded(BulletinFact):
    type: ClassVar[str] = "bulletin.file_added"
    name: str


@dataclass(frozen=True, kw_only=True)
class DuplicateFound(BulletinFact):
    """`other`: the number of the bulletin that it may be the same as; `why`: duplicates.REASONS."""

    type: ClassVar[str] = "bulletin.duplicate_found"
    pair_id: int
    other: str
    why: str


@dataclass(frozen=True, kw_only=True)
class DuplicateDecided(BulletinFact):
    """`decision`: different, or this one or the other is the duplicate (self, other)."""

    type: ClassVar[str] = "bulletin.duplicate_decided"
    pair_id: int
    other: str
    decision: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentStateChanged(BulletinFact):
    """Of the payment of one bulletin. `old` "": it was made. `batch`: the order's ref, e.g. P-2026-000012."""

    type: ClassVar[str] = "bulletin.payment_changed"
    payment_id: int
    batch: str
    old: str
    new: str
    amount: str
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchFact(ClaimFact):
    subject_kind: ClassVar[str] = "payment_batch"
    ref: str


@dataclass(frozen=True, kw_only=True)
class PaymentBatchMade(BatchFact):
    type: ClassVar[str] = "payment_batch.made"
    client: str
    count: int
    total: str


@dataclass(frozen=True, kw_only=True)
class PaymentBatchMoved(BatchFact):
    type: ClassVar[str] = "payment_batch.moved"
    old: str
    new: str
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentBatchEdited(BatchFact):
    type: ClassVar[str] = "payment_batch.edited"
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class PaymentBatchExported(BatchFact):
    """`form`: csv or pain.001."""

    type: ClassVar[str] = "payment_batch.exported"
    form: str


@dataclass(frozen=True, kw_only=True)
class BankAnswerImported(BatchFact):
    type: ClassVar[str] = "payment_batch.answered"
    paid: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class ClientFact(ClaimFact):
    subject_kind: ClassVar[str] = "client"
    name: str


@dataclass(frozen=True, kw_only=True)
class ClientCreated(ClientFact):
    type: ClassVar[str] = "client.created"


@dataclass(frozen=True, kw_only=True)
class ClientEdited(ClientFact):
    """An account number stands in `changes` by its last four characters only."""

    type: ClassVar[str] = "client.edited"
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class ContractFact(ClaimFact):
    subject_kind: ClassVar[str] = "contract"
    number: str
    client: str


@dataclass(frozen=True, kw_only=True)
class ContractCreated(ContractFact):
    type: ClassVar[str] = "contract.created"


@dataclass(frozen=True, kw_only=True)
class ContractEdited(ContractFact):
    type: ClassVar[str] = "contract.edited"
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class ClaimSettingsEdited(ClaimFact):
    """An account number stands in `changes` by its last four characters only."""

    type: ClassVar[str] = "claim_settings.edited"
    subject_kind: ClassVar[str] = "claim_settings"
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class ComplaintTied(BulletinFact):
    """`ticket`: the ref of the ticket that complains about it. `tied` False: it was untied."""

    type: ClassVar[str] = "bulletin.complaint_tied"
    ticket: str
    ticket_id: int
    tied: bool = True


@dataclass(frozen=True, kw_only=True)
class ComplaintMoved(BulletinFact):
    """The status of a ticket that is tied to this bulletin changed."""

    type: ClassVar[str] = "bulletin.complaint_moved"
    ticket: str
    ticket_id: int
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class ClaimListExported(ClaimFact):
    """Somebody downloaded a list. `kind`: bordereaux, bulletins …; `filters`: what it was narrowed to."""

    type: ClassVar[str] = "claim_list.exported"
    subject_kind: ClassVar[str] = "claim_list"
    kind: str
    filters: dict[str, str]
