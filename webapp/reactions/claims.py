"""What follows from facts of `webapp.claims`."""

from __future__ import annotations

from webapp.claims import events as claims
from webapp.events import record
from webapp.realtime import reactions as pages
from webapp.sync import push

REACTIONS: record.Reactions = {
    # Claims and their payments
    claims.BordereauCreated: (pages.show_claim, pages.show_activity),
    claims.BordereauStatusChanged: (push.queue_pushes, pages.show_claim, pages.show_activity),
    claims.BordereauEdited: (pages.show_claim, pages.show_activity),
    claims.BulletinCreated: (pages.show_claim, pages.show_activity),
    claims.BulletinStatusChanged: (push.queue_pushes, pages.show_claim, pages.show_activity),
    claims.BulletinEdited: (pages.show_claim, pages.show_activity),
    claims.BulletinNoted: (pages.show_claim, pages.show_activity),
    claims.BulletinFileAdded: (pages.show_claim, pages.show_activity),
    claims.DuplicateFound: (pages.show_claim, pages.show_activity),
    claims.DuplicateDecided: (pages.show_claim, pages.show_activity),
    claims.PaymentStateChanged: (push.queue_pushes, pages.show_claim, pages.show_activity),
    claims.PaymentBatchMade: (pages.show_claim, pages.show_activity),
    claims.PaymentBatchMoved: (pages.show_claim, pages.show_activity),
    claims.PaymentBatchEdited: (pages.show_claim, pages.show_activity),
    claims.PaymentBatchExported: (pages.show_claim, pages.show_activity),
    claims.BankAnswerImported: (pages.show_claim, pages.show_activity),
    claims.ClientCreated: (pages.show_claim, pages.show_activity),
    claims.ClientEdited: (pages.show_claim, pages.show_activity),
    claims.ContractCreated: (pages.show_claim, pages.show_activity),
    claims.ContractEdited: (pages.show_claim, pages.show_activity),
    claims.ClaimSettingsEdited: (pages.show_activity,),
    claims.ClaimListExported: (pages.show_activity,),
    claims.ComplaintTied: (pages.show_claim, pages.show_complaint, pages.show_activity),
    claims.ComplaintMoved: (push.queue_pushes, pages.show_claim, pages.show_activity),
}
