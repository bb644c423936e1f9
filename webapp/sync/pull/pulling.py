"""The walk of one run: what is asked for, page after page, and applied as it comes. What it remembers is its cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from flask_babel import gettext
from sqlalchemy.orm import Session

from webapp.core import breaker, clock, db, slow
from webapp.core.errors import AppError, RemoteError
from webapp.sync import leases, progress, runs, tokens
from webapp.sync.connections import Sleep
from webapp.sync.connectors.engine import Engine, Page
from webapp.sync.pull import children, known, page
from webapp.sync.pull.cursor import CHILDREN, LIST, MOST_RESTARTS, REPOLL, REREAD, Cursor
from webapp.sync.pull.opening import Opened
from webapp.sync.pull.patience import RETRY_WAITS_S, pause_before
from webapp.sync.pull.scope import Tally

BUDGET_S = 300.0
MOST_BAD, MOST_BAD_SHARE = 20, 0.2
BATCH, BATCH_OF_CALLS = 50, 5  # ids asked for in one call; or in a call each

T = TypeVar("T")


class GivesWay(Exception):
    """A call took so long that the run goes on where nobody else waits for it."""


class Stopped(AppError):
    """The upstream answers, and yet it is better not to go on. `code`: as in health.ADVICE."""


class Pulling:
    """The walk of one run. What it remembers is the cursor; everything else stands in SQL."""

    def __init__(self, opened: Opened, *, sleep: Sleep, most_pages: int) -> None:
        self.cursor = opened.cursor
        self.warnings: set[str] = set()
        self.breaker = opened.breaker
        self._opened = opened
        self._sleep = sleep
        self._seq = opened.seq
        self._pages_left = most_pages
        self._end = time.monotonic() + BUDGET_S
        self._waited = 0.0
        self._gives_way = False

    def walk(self) -> bool:
        """With the token in use; where it is refused, with the one before it. False: the budget ended first."""
        opened, told = self._opened, tokens.accepted
        try:
            with opened.access.engine(sleep=self._sleep) as engine:
                done = self.go(engine)
        except RemoteError as error:
            if error.kind != "unauthorized" or not opened.access.fallback:
                raise
            told = tokens.fell_back
            with opened.access.with_fallback().engine(sleep=self._sleep) as engine:
                done = self.go(engine)
        if opened.access.fallback:
            with db.transaction():
                told(opened.scope.connection_id)
        return done

    def go(self, engine: Engine) -> bool:
        """Every page of every phase. False: the budget ended first."""
        phases = {
            REREAD: self._reread,
            LIST: self._list,
            REPOLL: self._repoll,
            CHILDREN: self._children,
        }
        names = list(phases)
        for name in names[names.index(self.cursor.phase) :]:
            if self.cursor.phase != name:
                self.cursor = self.cursor.in_phase(name)
            if not phases[name](engine):
                return False
        return True

    def _list(self, engine: Engine) -> bool:
        while True:
            try:
                found = self._ask(lambda: self._next_page(engine))
            except RemoteError as error:
                if error.kind != "gone" or self.cursor.position is None:
                    raise
                self._restart()
                continue
            following = replace(self.cursor, position=found.position)
            self._apply(engine, found, following)
            if found.is_last:
                self._check_not_empty(engine)
                return True
            if self._spent():
                return False

    def _next_page(self, engine: Engine) -> Page:
        cursor = self.cursor
        return next(engine.pages(cursor.position, since=cursor.since, until=cursor.until))

    def _restart(self) -> None:
        """The upstream's cursor has expired: the same window again; what is unchanged is skipped."""
        self.cursor = self.cursor.restarted()
        if self.cursor.restarts > MOST_RESTARTS:
            raise Stopped(
                gettext("The upstream forgot its place in the list again and again."),
                code="endless",
            )

    def _reread(self, engine: Engine) -> bool:
        return self._by_id(engine, known.to_reread)

    def _repoll(self, engine: Engine) -> bool:
        if engine.repoll != "ids":
            return True
        return self._by_id(engine, known.still_open)

    def _by_id(self, engine: Engine, which: Callable[..., Sequence[known.Known]]) -> bool:
        """Known records, asked for by their ids, a batch at a time."""
        size = BATCH if engine.repoll == "ids" else BATCH_OF_CALLS
        while True:
            batch = which(self._opened.scope, after_id=self.cursor.after_id, limit=size)
            if not batch:
                return True
            ids = [each.external_id for each in batch]
            found = self._ask(partial(engine.fetch_all, ids))
            self._apply(engine, found, replace(self.cursor, after_id=batch[-1].link_id))
            self._look_for(engine, found.missing)
            if self._spent():
                return False

    def _children(self, engine: Engine) -> bool:
        """What belongs to the records that have changed, a few parents at a time."""
        scope, access = self._opened.scope, self._opened.access
        if not scope.children:
            return True
        with db.transaction() as session:
            self._hold(session)
            children.again(scope)
        while True:
            due = known.with_children_due(
                scope, after_id=self.cursor.after_id, limit=children.AT_ONCE
            )
            if not due:
                return True
            ids = [each.link_id for each in due]
            found = self._ask(partial(children.families, access, scope, ids, sleep=self._sleep))
            for family in found:
                if family.lost:
                    with db.transaction() as session:
                        self._hold(session)
                        self.warnings.add(children.not_found(family))
                else:
                    self._apply_family(family)
            self.cursor = replace(self.cursor, after_id=ids[-1])
            if self._spent():
                return False

    def _apply_family(self, family: children.Family) -> None:
        """All that one parent has, in transactions of a bounded size; the last one says that it is done."""
        began, cost = self._seq, (family.requests, family.bytes)
        for items, is_last in family.parts():
            opened, now = self._opened, clock.now()
            with db.transaction() as session:
                self._hold(session)
                applied = page.apply(family.scope, items, family.mapping, seq=self._seq, now=now)
                if is_last:
                    children.finished(family, began=began, now=now)
                values = {"cursor": self.cursor.to_json(), "fetch_seq": self._seq + 1}
                leases.hold(session, opened.scope.connection_id, opened.token, now=now, **values)
                asked = Page(list(items), None, True, cost[0], cost[1])
                self._count(session, asked, applied.tally)
            db.session().expunge_all()
            cost = (0, 0)
            self.warnings |= set(sorted(applied.warnings)[:20])
            self._seq += 1
            self._pages_left -= 1

    def _look_for(self, engine: Engine, missing: Sequence[str]) -> None:
        """Left out of a batch may be the server's cap; not found by its own address is gone."""
        for external_id in missing:
            raw = self._ask(partial(engine.fetch_one, external_id))
            if raw is not None:
                self._apply(engine, Page([raw], None, True, 0, 0), self.cursor)
                continue
            with db.transaction() as session:
                self._hold(session)
                known.lost(self._opened.scope, external_id)

    def _ask(self, call: Callable[[], T]) -> T:
        """Make a call; a stumble is tried again a few times, with the lease kept up meanwhile."""
        for wait in (*RETRY_WAITS_S, None):
            started = time.monotonic()
            try:
                found = call()
            except RemoteError as error:
                in_the_way = self._is_in_the_way(started)
                pause = self._note_failure(error) and pause_before(error, wait)
                if not pause:
                    raise
                if in_the_way:
                    raise GivesWay from error
            else:
                self.breaker = breaker.succeeded(self.breaker)
                self._gives_way |= self._is_in_the_way(started)
                return found
            with db.transaction() as session:
                self._hold(session)
            self._waited += pause
            self._sleep(pause)
        raise AssertionError("unreachable")

    def _is_in_the_way(self, started: float) -> bool:
        """The call took long, and others wait for this process."""
        took_long = slow.note(self._opened.road, time.monotonic() - started)
        return took_long and slow.serves_the_quick()

    def _note_failure(self, error: RemoteError) -> bool:
        """Whether it makes sense to go on asking."""
        now = clock.now()
        if breaker.counts(error):
            self.breaker = breaker.failed(self.breaker, now)
        return not breaker.is_open(self.breaker, now)

    def _apply(self, engine: Engine, found: Page, following: Cursor) -> None:
        """One page, one transaction: rows, counters, place and lease together, or nothing of it."""
        opened, now = self._opened, clock.now()
        with db.transaction() as session:
            # First of all, so that whoever lost the lease writes nothing.
            self._hold(session)
            applied = page.apply(
                opened.scope,
                found.items,
                engine.mapping,
                seq=self._seq,
                now=now,
                came=found.came,
            )
            tally = applied.tally
            cursor = following
            if following.phase == LIST:
                cursor = following.counted(
                    newest=tally.newest, rows=tally.fetched, bad=tally.quarantined
                )
            values: dict[str, Any] = {"cursor": cursor.to_json(), "fetch_seq": self._seq + 1}
            if found.server_date is not None:
                values["skew_seconds"] = found.skew(now)
            leases.hold(session, opened.scope.connection_id, opened.token, now=now, **values)
            self._count(session, found, tally)
        db.session().expunge_all()
        self.warnings |= set(sorted(applied.warnings)[:20])
        self.cursor = cursor
        self._seq += 1
        self._pages_left -= 1
        self._check_bad()

    def _count(self, session: Session, found: Page, tally: Tally) -> None:
        runs.count(
            session,
            self._opened.run_id,
            tally,
            pages=1,
            total_hint=found.total,
            requests=found.requests,
            bytes=found.bytes,
            waited_s=self._waited,
        )
        self._waited = 0.0
        progress.announce(self._opened.scope.connection_id)

    def _hold(self, session: Session) -> None:
        opened = self._opened
        leases.hold(session, opened.scope.connection_id, opened.token, now=clock.now())

    def _spent(self) -> bool:
        return self._gives_way or self._pages_left <= 0 or time.monotonic() > self._end

    def _check_bad(self) -> None:
        bad, rows = self.cursor.bad, self.cursor.rows
        if bad >= MOST_BAD and bad > MOST_BAD_SHARE * rows:
            raise Stopped(
                gettext("%(bad)s of %(rows)s records could not be read.", bad=bad, rows=rows),
                code="quarantine",
            )

    def _check_not_empty(self, engine: Engine) -> None:
        whole = self.cursor.since is None or engine.lists_everything
        if whole and self.cursor.rows == 0 and self._opened.had_records:
            raise Stopped(
                gettext("The upstream listed nothing where it had records before."), code="empty"
            )
