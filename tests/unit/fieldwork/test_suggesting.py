"""Who could do a job: whatever the people and the job are, the order keeps its promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from webapp.fieldwork.suggesting import (
    Candidate,
    Need,
    Suggestion,
    can_do,
    km_between,
    minutes_of,
    suggest,
)

DAY = date(2026, 3, 2)
SKILLS, AREAS = ["Electrician", "drainage", "driver"], ["Tinago", "Dayangdang"]
places = st.tuples(st.floats(13.0, 14.0), st.floats(123.0, 124.0))
blocks = st.tuples(st.integers(0, 700), st.integers(701, 1440))
needs = st.builds(
    Need,
    skill=st.sampled_from(["", *SKILLS]),
    barangay=st.sampled_from(["", *AREAS]),
    place=st.none() | places,
    day=st.just(DAY),
    minutes=st.none() | st.tuples(st.integers(0, 600), st.integers(601, 1440)),
)
people = st.lists(
    st.builds(
        Candidate,
        key=st.integers(1, 10**6),
        name=st.sampled_from(["Ana", "Ben", "Carla"]),
        skills=st.frozensets(st.sampled_from(SKILLS)),
        areas=st.frozensets(st.sampled_from(AREAS)),
        place=st.none() | places,
        absent=st.booleans(),
        hours=st.none() | st.lists(blocks, max_size=1).map(tuple),
        jobs=st.integers(0, 12),
        booked=st.lists(blocks, max_size=2).map(tuple),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@given(needs, people)
def test_who_cannot_is_left_out_and_all_others_are_there_whatever_their_order(
    need: Need, found: list[Candidate]
) -> None:
    suggested = suggest(need, found, most=99)

    assert {one.key for one in suggested} == {one.key for one in found if can_do(need, one)}
    for one in found:
        lacks = need.skill and need.skill.casefold() not in {s.casefold() for s in one.skills}
        if one.absent or lacks:
            assert one.key not in {each.key for each in suggested}
    assert suggest(need, found[::-1], most=99) == suggested
    assert suggest(need, found, most=2) == suggested[:2]
    assert [one.score for one in suggested] == sorted((o.score for o in suggested), reverse=True)


@given(needs, st.lists(people.filter(bool).map(lambda some: some[0]), min_size=1, max_size=1))
def test_one_job_more_or_a_longer_way_never_helps(need: Need, found: list[Candidate]) -> None:
    one = replace(found[0], absent=False)
    busier = replace(one, jobs=one.jobs + 1)
    before, after = (suggest(need, [each]) for each in (one, busier))
    if before:
        assert after[0].score <= before[0].score
    if before and need.place and one.place:
        there = suggest(need, [replace(one, place=need.place)])
        assert there[0].score >= before[0].score


def test_the_reasons_are_those_that_count() -> None:
    need = Need("electrician", "Tinago", (13.62, 123.19), DAY, (480, 540))
    near = Candidate(
        1, "Ana", frozenset({"Electrician"}), frozenset({"tinago"}), (13.63, 123.19), jobs=3
    )
    far = replace(near, key=2, name="Ben", areas=frozenset(), place=(13.9, 123.5))
    clashing = replace(near, key=3, name="Carla", booked=((500, 600),))

    found = suggest(need, [far, clashing, near])

    assert [one.name for one in found] == ["Ana", "Ben", "Carla"]
    assert found[0] == Suggestion(1, "Ana", found[0].score, True, True, found[0].km, 3, False)
    assert found[2].clash
    assert round(found[0].km or 0, 1) == 1.1


def test_a_window_is_read_by_the_desks_clock_and_ends_at_midnight() -> None:
    zone = ZoneInfo("Asia/Manila")
    starts = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # half past ten in the evening there
    assert minutes_of(starts, datetime(2026, 3, 2, 18, 0, tzinfo=UTC), zone) == (1350, 1440)
    assert minutes_of(starts, None, zone) == (1350, 1410)
    assert round(km_between((0, 0), (0, 1))) == 111


def test_whoever_does_not_work_at_that_hour_is_not_suggested() -> None:
    need = Need(day=DAY, minutes=(420, 480))
    at_eight = Candidate(1, "Ana", hours=((480, 720),))
    assert not can_do(need, at_eight)
    assert can_do(replace(need, minutes=(480, 540)), at_eight)
    assert can_do(need, replace(at_eight, hours=None))
    assert not can_do(replace(need, minutes=None), replace(at_eight, hours=()))
