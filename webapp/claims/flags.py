"""What about a bulletin wants a person's eye. Pure."""

from __future__ import annotations

from webapp.claims.models import Bulletin
from webapp.claims.payability import changed
from webapp.claims.states import VALIDATED
from webapp.claims.totals import mismatch

MISMATCH = "mismatch"  # its items do not add up to its total
DUPLICATE = "duplicate"  # it may be the same claim as another, and nobody has decided
NOT_IN_FORCE = "not_in_force"  # its contract did not cover the care date
CHANGED = "changed"  # the upstream changed what is paid back after it was validated
FLAGS = (MISMATCH, DUPLICATE, NOT_IN_FORCE, CHANGED)


def flags_of(bulletin: Bulletin, *, undecided: bool) -> list[str]:
    """Its flags, in the order of FLAGS. `undecided`: whether a pair with it waits for a decision."""
    contract = bulletin.bordereau.contract
    found = {
        MISMATCH: mismatch(bulletin.total, bulletin.items_total) != 0,
        DUPLICATE: undecided,
        NOT_IN_FORCE: contract is not None and not contract.covers(bulletin.care_date),
        CHANGED: bulletin.status == VALIDATED
        and changed(bulletin.payable, bulletin.validated_payable),
    }
    return [flag for flag in FLAGS if found[flag]]
