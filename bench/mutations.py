"""The rules that `bench/mutants.py` takes away, one at a time, and the tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass

SYNC, OUTBOX = "webapp/sync", "webapp/outbox"
REGRESSIONS, FENCING = "tests/proof/test_regressions.py", "tests/proof/test_fencing.py"
FAILPOINTS, SECRETS = "tests/proof/test_failpoints.py", "tests/proof/test_secrets.py"
PUSH, QUEUE, DRAIN = (
    "tests/sync/test_push.py",
    "tests/outbox/test_queue.py",
    "tests/outbox/test_drain.py",
)


@dataclass(frozen=True)
class Mutant:
    """In `file`, `old` (which must be there once) becomes `new`; `tests` must then fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "overlap 0",
        f"{SYNC}/pull/opening.py",
        "timedelta(minutes=connection.overlap_minutes)",
        "timedelta(0)",
        (REGRESSIONS,),
    ),
    Mutant(
        "equal times count as older (>= → >)",
        f"{SYNC}/merge.py",
        "return updated_at < seen.updated_at",
        "return updated_at <= seen.updated_at",
        (REGRESSIONS,),
    ),
    Mutant(
        "strictly after the watermark (>= → >)",
        f"{SYNC}/pull/opening.py",
        "since -= SWEEP if is_first_today else timedelta(minutes=connection.overlap_minutes)",
        "since += timedelta(milliseconds=1)",
        (REGRESSIONS,),
    ),
    Mutant(
        "no push-sequence guard",
        f"{SYNC}/merge.py",
        "if seen.in_flight or seq <= seen.pushed_seq:",
        "if seen.in_flight:",
        (REGRESSIONS,),
    ),
    Mutant(
        "push-sequence guard one page short (<= → <)",
        f"{SYNC}/merge.py",
        "seq <= seen.pushed_seq",
        "seq < seen.pushed_seq",
        (REGRESSIONS,),
    ),
    Mutant(
        "a push under way is not respected",
        f"{SYNC}/merge.py",
        "if seen.in_flight or seq",
        "if seq",
        ("tests/sync/test_guards.py", "tests/unit/sync/test_merge.py"),
    ),
    Mutant(
        "an older page may follow a newer one",
        f"{SYNC}/merge.py",
        "if seq < seen.applied_seq or _is_older",
        "if _is_older",
        ("tests/unit/sync/test_merge.py",),
    ),
    Mutant(
        "no sent-values rule",
        f"{SYNC}/merge.py",
        "if remote in sent:",
        "if False:",
        (REGRESSIONS, "tests/unit/sync"),
    ),
    Mutant(
        "upstream always wins (pull overwrites local)",
        f"{SYNC}/merge.py",
        "if remote == base:\n        return Merged(take=False, base=base)",
        "if remote == base:\n        return Merged(take=True, base=base)",
        (REGRESSIONS,),
    ),
    Mutant(
        "deferred rows are forgotten",
        f"{SYNC}/pull/changing.py",
        ".values(reread=True)",
        ".values(reread=False)",
        (REGRESSIONS, "tests/sync/test_guards.py"),
    ),
    Mutant(
        "the same hash, whatever came",
        f"{SYNC}/pull/page.py",
        "link.payload_hash == row.hash and ",
        "",
        (REGRESSIONS,),
    ),
    Mutant(
        "no fencing of a page's writes",
        f"{SYNC}/leases.py",
        """        table.c.lease_token == bindparam("its_token"),
""",
        "",
        (FENCING,),
    ),
    Mutant(
        "no fencing when a delivery is closed",
        f"{OUTBOX}/deliver.py",
        ".where(Delivery.id == sending.delivery_id, Delivery.lease_token == sending.lease_token)",
        ".where(Delivery.id == sending.delivery_id)",
        (FENCING,),
    ),
    Mutant(
        "a lease is taken from its holder",
        f"{SYNC}/leases.py",
        "or_(Connection.lease_token.is_(None), Connection.lease_until <= now),",
        "",
        (REGRESSIONS,),
    ),
    Mutant(
        "no unique link of a record",
        f"{SYNC}/models.py",
        '(\n        UniqueConstraint("connection_id", "kind", "external_id"),\n',
        "(\n",
        (REGRESSIONS,),
    ),
    Mutant(
        "watermark from our clock",
        f"{SYNC}/pull/cursor.py",
        "reached = min(self.newest, self.until)",
        "reached = self.until",
        (REGRESSIONS,),
    ),
    Mutant(
        "a failed run moves the watermark",
        f"{SYNC}/pull/ending.py",
        'values: dict[str, Any] = {"failures": failures}',
        'values: dict[str, Any] = {"failures": failures, "watermark": cursor.watermark(opened.watermark)}',
        (REGRESSIONS,),
    ),
    Mutant(
        "the place is not saved with its page",
        f"{SYNC}/pull/pulling.py",
        'values: dict[str, Any] = {"cursor": cursor.to_json(), "fetch_seq"',
        'values: dict[str, Any] = {"fetch_seq"',
        (REGRESSIONS,),
    ),
    Mutant(
        "attempted deliveries are coalesced",
        f"{OUTBOX}/queue.py",
        "            ~select(Attempt.id).where(Attempt.delivery_id == delivery.id).exists(),\n",
        "",
        (QUEUE, PUSH, REGRESSIONS),
    ),
    Mutant(
        "no order within a lane",
        f"{OUTBOX}/lanes.py",
        "        ~before_it,\n",
        "",
        (DRAIN,),
    ),
    Mutant(
        "no reading back after a lost answer",
        f"{SYNC}/push/calling.py",
        "    if call.unsure:",
        "    if False:",
        (PUSH,),
    ),
    Mutant(
        "an answer nobody can read is believed",
        f"{SYNC}/push/calling.py",
        "    if not pushed.how:",
        "    if True:",
        (REGRESSIONS,),
    ),
    Mutant(
        "our own echo is sent back",
        f"{SYNC}/push/queueing.py",
        'if own.kind == "connection":',
        "if False:",
        (PUSH,),
    ),
    Mutant(
        "an interrupted attempt counts as without effect",
        f"{OUTBOX}/outcomes.py",
        "            attempt.ambiguous = True\n",
        "            attempt.ambiguous = False\n",
        (DRAIN, FAILPOINTS),
    ),
    Mutant(
        "a lease that ran out is never released",
        f"{OUTBOX}/claim.py",
        "lease_until=now + LEASE, not_before=now + LEASE",
        "lease_until=now + LEASE, not_before=now + 1000 * LEASE",
        (FAILPOINTS,),
    ),
    Mutant(
        "a token that an upstream repeats is kept",
        f"{SYNC}/connectors/calling.py",
        "response = self._without_secret(self.client.send(request, check=False))",
        "response = self.client.send(request, check=False)",
        (SECRETS,),
    ),
)
