"""On which ways news reach a person, and when: decided without an app, over all hours and clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.notifications.kinds import (
    APP,
    CHANNELS,
    KINDS,
    MAIL,
    PUSH,
    SOUND,
    kinds_of,
    usual_of,
    wanted_by,
)
from webapp.notifications.routing import (
    DIGESTS,
    NOWHERE,
    Muted,
    Piece,
    Quiet,
    Wishes,
    after_quiet,
    is_quiet,
    route,
)

MANILA, BERLIN, LORD_HOWE = (
    ZoneInfo("Asia/Manila"),
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("Australia/Lord_Howe"),
)
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Wednesday, 12:00 in Manila

ways = st.frozensets(st.sampled_from(CHANNELS))
quiets = st.none() | st.builds(Quiet, st.integers(0, 1439), st.integers(0, 1439))
START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2 * 366 * 86_400).map(lambda second: START + timedelta(seconds=second))
pieces = st.builds(Piece, st.sampled_from(sorted(KINDS)), close=st.booleans(), urgent=st.booleans())
wishes = st.builds(
    Wishes,
    ways=st.fixed_dictionaries(dict.fromkeys(KINDS, ways)),
    zone=st.sampled_from([MANILA, BERLIN, LORD_HOWE, UTC]),
    quiet=quiets,
    digest=st.sampled_from(DIGESTS),
    everything=st.booleans(),
    toasts=st.booleans(),
    urgent_sound=st.booleans(),
)
mutings = st.none() | st.builds(Muted, st.booleans())


def wish(*channels: str, **options: object) -> Wishes:
    return Wishes(ways=dict.fromkeys(KINDS, frozenset(channels)), zone=MANILA, **options)  # type: ignore[arg-type]


@given(pieces, wishes, mutings, moments)
def test_nothing_leaves_before_now_or_in_quiet_hours(
    piece: Piece, wanted: Wishes, muted: Muted | None, now: datetime
) -> None:
    found = route(piece, wanted, muted=muted, now=now)
    for at in (found.mail_at, found.push_at):
        assert at is None or at >= now
        assert at is None or not is_quiet(wanted.quiet, at, wanted.zone)
        assert at is None or at - now < timedelta(days=9)
    if is_quiet(wanted.quiet, now, wanted.zone):
        assert not found.toast
        assert found.mail_at is None or found.mail_gathered
        assert found.push_at is None or found.push_gathered


@given(pieces, wishes, mutings, moments)
def test_only_what_was_chosen_comes_and_what_was_chosen_comes(
    piece: Piece, wanted: Wishes, muted: Muted | None, now: datetime
) -> None:
    found, chosen = route(piece, wanted, muted=muted, now=now), wanted.ways[piece.kind]
    assert not found.bell or APP in chosen
    assert not found.toast or found.bell
    assert not found.sound or (found.toast and (SOUND in chosen or piece.urgent))
    assert found.mail_at is None or MAIL in chosen
    assert found.push_at is None or PUSH in chosen
    if muted is None and piece.close:
        assert found.bell == (APP in chosen)
        assert (found.mail_at is not None) == (MAIL in chosen)
        assert (found.push_at is not None) == (PUSH in chosen)


@given(pieces, wishes, moments)
def test_a_muted_thing_is_silent_unless_it_names_the_person(
    piece: Piece, wanted: Wishes, now: datetime
) -> None:
    found = route(piece, wanted, muted=Muted(), now=now)
    if not KINDS[piece.kind].personal:
        assert found == NOWHERE
    ended = route(piece, wanted, muted=Muted(mail_only=True), now=now)
    assert ended.mail_at is None
    assert ended.bell == route(piece, wanted, muted=None, now=now).bell


@given(pieces, wishes, moments)
def test_others_tickets_are_told_only_to_who_wants_all_and_never_by_mail(
    piece: Piece, wanted: Wishes, now: datetime
) -> None:
    far = route(Piece(piece.kind, close=False, urgent=piece.urgent), wanted, muted=None, now=now)
    assert far.mail_at is None
    assert far.push_at is None
    assert wanted.everything or far == NOWHERE


@given(wishes, moments, moments)
def test_two_pieces_of_one_night_leave_together(
    wanted: Wishes, first: datetime, second: datetime
) -> None:
    """Whatever is gathered in one stretch of quiet hours has the same time."""
    second = first + (second - first) % timedelta(hours=6)
    night = wanted.quiet
    if not is_quiet(night, first, wanted.zone):
        return
    if after_quiet(night, first, wanted.zone) <= second:
        return
    piece = Piece("mention")
    a, b = (route(piece, wanted, muted=None, now=at) for at in (first, second))
    assert a.push_at == b.push_at
    if wanted.digest == "off":
        assert a.mail_at == b.mail_at


@pytest.mark.parametrize(
    ("digest", "local"),
    [("off", "2026-03-04 12:00"), ("hourly", "2026-03-04 13:00"), ("daily", "2026-03-05 08:00"),
     ("weekly", "2026-03-09 08:00")],
)  # fmt: skip
def test_a_digest_comes_at_its_time_in_the_persons_zone(digest: str, local: str) -> None:
    found = route(Piece("mention"), wish(MAIL, PUSH, digest=digest), muted=None, now=NOON)
    assert found.mail_at is not None
    assert f"{found.mail_at.astimezone(MANILA):%Y-%m-%d %H:%M}" == local
    assert found.push_at == NOON, "a digest is about mail"


def test_a_daily_digest_waits_for_who_sleeps_long() -> None:
    late = wish(MAIL, digest="daily", quiet=Quiet(22 * 60, 10 * 60))
    found = route(Piece("mention"), late, muted=None, now=NOON)
    assert found.mail_at is not None
    assert f"{found.mail_at.astimezone(MANILA):%d %H:%M}" == "05 10:00"


@pytest.mark.parametrize(
    ("now", "end"),
    [("2026-03-29 00:30", "2026-03-29 01:30"), ("2026-10-25 00:05", "2026-10-25 00:30")],
)
def test_quiet_hours_end_where_the_clock_was_changed(now: str, end: str) -> None:
    """In Berlin 02:30 is skipped in March and comes twice in October; times here are UTC."""
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    ends = after_quiet(Quiet(60, 150), at, BERLIN)
    assert f"{ends:%Y-%m-%d %H:%M}" == end


@given(
    st.sampled_from(["admin", "agent", "finance", "field", "reporter"]),
    st.dictionaries(
        st.sampled_from(sorted(KINDS)), st.lists(st.sampled_from([*CHANNELS, "pigeon"]))
    ),
)
def test_own_choice_counts_before_the_roles_and_that_before_what_is_usual(
    role: str, chosen: dict[str, list[str]]
) -> None:
    known = {kind.name for kind in kinds_of(role)}
    assert set(usual_of(role, {})) == known
    for name, found in wanted_by(role, {}, chosen).items():
        assert found <= set(CHANNELS)
        assert found == (
            frozenset(chosen[name]) & set(CHANNELS) if name in chosen else KINDS[name].usual
        )
    assert wanted_by(role, chosen, {}) == usual_of(role, chosen)
