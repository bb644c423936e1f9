"""What the list shows, page by page, and what it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from tests.tickets.make import make_categories, make_pulled, make_ticket
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.tickets import actions, queries
from webapp.tickets.queries import Filters

MANILA = ZoneInfo("Asia/Manila")


def refs(user, filters=None, **rest):
    return [
        t.ref
        for t in queries.tickets_page(queries.matching(user, filters or Filters()), **rest).rows
    ]


def test_the_newest_open_tickets_come_first(app: Flask, people) -> None:
    old, new = make_ticket(), make_ticket()
    done = make_ticket()
    with transaction():
        actions.change_status(done, status="closed", actor=people.andres.actor)
    assert refs(people.fina) == [new.ref, old.ref]
    assert refs(people.fina, Filters(status="closed")) == [done.ref]
    assert refs(people.fina, Filters(status="all")) == [done.ref, new.ref, old.ref]


def test_pages_follow_each_other_without_gap_or_repeat(app: Flask, people) -> None:
    make_pulled(120)
    seen: list[str] = []
    after = None
    for expected in (50, 50, 20):
        page = queries.tickets_page(queries.matching(people.andres, Filters()), after=after)
        assert len(page.rows) == expected
        seen += [t.ref for t in page.rows]
        after = page.next
    assert after is None
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 120


def test_a_damaged_position_says_so(app: Flask, people) -> None:
    with pytest.raises(Invalid):
        queries.tickets_page(queries.matching(people.andres, Filters()), after="nonsense")


@pytest.mark.parametrize(
    "filters",
    [
        Filters(category="Flooding"),
        Filters(source="connection:1"),
        Filters(q="100%_safe"),
        Filters(q="naga-0"),
        Filters(assignee="me"),
    ],
)
def test_each_filter_finds_its_ticket_alone(app: Flask, people, filters: Filters) -> None:
    make_ticket()
    (wanted,) = make_pulled(category="Flooding", description="Not 100%_safe at all")
    with transaction():
        actions.assign(wanted, assignee=people.andres, actor=people.amihan.actor)
    assert refs(people.andres, filters) == [wanted.ref]


def test_signs_alone_are_told_to_be_no_words(app: Flask, people) -> None:
    ticket = make_ticket()
    for signs in ("%", "_", "'\""):
        assert refs(people.andres, Filters(q=signs)) == [ticket.ref]
        (sentence,) = queries.matching(people.andres, Filters(q=signs)).said
        assert "no word" in sentence


@pytest.mark.parametrize("name", ["felix", "rosa", "nadia"])
def test_who_may_not_see_tickets_finds_none(app: Flask, people, name: str) -> None:
    ticket = make_ticket()
    user = getattr(people, name)
    assert refs(user, Filters(status="all")) == []
    assert set(queries.count_by_status(queries.matching(user, Filters())).values()) == {0}
    with pytest.raises(NotFound):
        queries.ticket_for(user, ticket.ref)


def test_counts_know_the_other_filters(app: Flask, people) -> None:
    make_ticket()
    make_pulled(3, category="Flooding", status="resolved")
    assert queries.count_by_status(queries.matching(people.fina, Filters()))["resolved"] == 3
    counts = queries.count_by_status(queries.matching(people.fina, Filters(category="Flooding")))
    assert (counts["open"], counts["resolved"]) == (0, 3)


def test_a_count_stops_at_its_bound(app: Flask, people, monkeypatch) -> None:
    monkeypatch.setattr("webapp.tickets.queries.listing.COUNTED_UP_TO", 2)
    make_pulled(5)
    assert queries.count_by_status(queries.matching(people.fina, Filters()))["open"] == 3


def test_filters_offer_what_tickets_have(app: Flask) -> None:
    make_ticket()
    make_pulled(2, category="Flooding")
    make_pulled(category="")
    assert queries.categories_in_use() == ["Flooding", "Street lights"]
    assert queries.sources_in_use() == [("connection:1", "MyNaga demo"), ("form", "")]


def test_a_reporter_may_choose_the_active_categories_in_their_order(app: Flask) -> None:
    make_categories("Water", "Flooding")
    assert queries.active_categories() == ["Water", "Flooding"]


def test_new_today_begins_at_the_desks_midnight_and_leaves_old_reports_out(app: Flask) -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=MANILA)
    with time_machine.travel(noon.replace(hour=0) - timedelta(minutes=1), tick=False):
        make_ticket()
    with time_machine.travel(noon, tick=False):
        make_ticket()
        make_pulled(reported_at=noon - timedelta(days=40))
        assert queries.new_today(MANILA) == 1
        assert queries.new_today(ZoneInfo("Asia/Tokyo")) == 2


def test_the_median_first_response_is_of_answered_tickets_of_30_days(app: Flask, people) -> None:
    assert queries.median_first_response() is None
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for minutes, day in ((10, 0), (20, 1), (60, 2), (999, -40)):
        with time_machine.travel(start + timedelta(days=day), tick=False) as clock:
            ticket = make_ticket()
            clock.shift(timedelta(minutes=minutes))
            with transaction():
                actions.respond(ticket, body="Thank you.", actor=people.andres.actor)
    with time_machine.travel(start + timedelta(days=5), tick=False):
        make_ticket()
        assert queries.median_first_response() == 20 * 60


def test_the_figures_count_unfinished_tickets_by_status(app: Flask, people) -> None:
    make_pulled(2)
    make_pulled(1, status="in_progress")
    make_pulled(1, status="closed")
    figures = queries.figures(people.fina, zone=MANILA)
    assert figures.open_by_status == {"open": 2, "in_progress": 1, "for_rerouting": 0}
    assert figures.new_today == 4
