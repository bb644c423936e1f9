"""Faults by chance, for a soak."""

from __future__ import annotations

import random
from collections import Counter

from webapp.demo.trouble import Fault, Troubles

SHARE = 0.2  # of calls that go wrong
MODES = {
    "down": 4, "lost": 4, "truncated": 2, "broken": 3, "unavailable": 2, "limited": 2,
    "html": 1, "slow": 2, "redirect": 1, "revoked": 1,
}  # fmt: skip


class Chance(Troubles):
    """A fifth of the calls meets a fault, as long as it is on."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice, self.on, self.met = dice, False, Counter[str]()

    def next_for(self, method: str, path: str) -> Fault | None:
        if not self.on:
            self.met["calls at rest"] += 1
            return None
        self.met["calls"] += 1
        if self.dice.random() > SHARE:
            return None
        mode = self.dice.choices(list(MODES), weights=list(MODES.values()))[0]
        self.met[mode] += 1
        return Fault(mode, seconds=self.dice.uniform(0.2, 2), retry_after="1")
