"""Proof of the sync's promises: random schedules, a crash at every point, fencing, secrets, contracts. See docs/proof.md."""
