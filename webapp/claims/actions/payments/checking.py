"""Whether bulletins may be paid by this person now, said in sentences that name each one that may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext

from webapp.claims import queries
from webapp.claims.models import Bulletin
from webapp.claims.payability import OWN_VALIDATION, obstacles
from webapp.claims.states import may_pay
from webapp.claims.words import obstacle_word
from webapp.core.errors import Conflict
from webapp.events.types import Actor

MOST_NAMED = 10


def check_payable(bulletins: Sequence[Bulletin], *, payer: Actor, held_here: bool = False) -> None:
    """Raises Conflict that names the bulletins which cannot be paid, and why.

    `held_here`: they are in the batch that asks, so that its own live payment is no obstacle.
    """
    four_eyes = queries.claim_settings().four_eyes
    standings = queries.standing_of(bulletins)
    payer_id = payer.id if payer.kind == "user" else None
    wrong = []
    for bulletin in bulletins:
        standing = standings[bulletin.id]
        if held_here:
            standing = replace(standing, live_payment=False)
        found = obstacles(standing, payer_id=payer_id, four_eyes=four_eyes)
        if found:
            words = " ".join(obstacle_word(each) for each in found)
            wrong.append(f"{bulletin.number}: {words}")
    if wrong:
        raise Conflict(_said(wrong), code="not_payable")


def check_payer(bulletins: Sequence[Bulletin], *, payer: Actor) -> None:
    """Four eyes alone: the bank has paid, and what came up since does not undo that. Raises Conflict."""
    four_eyes = queries.claim_settings().four_eyes
    own = [
        f"{bulletin.number}: {obstacle_word(OWN_VALIDATION)}"
        for bulletin in bulletins
        if payer.kind == "user"
        and not may_pay(bulletin.validated_by_id, payer.id, four_eyes=four_eyes)
    ]
    if own:
        raise Conflict(_said(own), code="not_payable")


def _said(wrong: Sequence[str]) -> str:
    more = len(wrong) - MOST_NAMED
    sentences = "\n".join(wrong[:MOST_NAMED])
    if more > 0:
        sentences += "\n" + gettext("… and %(n)s more.", n=more)
    return sentences
