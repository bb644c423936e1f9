"""What rises, and rectangles on the map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.tickets.areas import Area, area_of, grid_step
from webapp.tickets.trends import Trend, rising


def test_only_what_is_frequent_and_grows_is_a_trend_and_the_surprising_come_first() -> None:
    found = rising(
        [
            Trend("Garbage", 40, 160),  # as ever
            Trend("Animals", 2, 0),  # too few
            Trend("Flooding", 30, 20),
            Trend("Noise", 3, 4),
            Trend("Lamps", 12, 0),
        ]
    )
    assert [each.name for each in found] == ["Lamps", "Flooding", "Noise"]
    assert found[0].times is None
    assert found[1].times == 6


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2,3",
        "a,b,c,d",
        "nan,1,2,3",
        "1,inf,2,3",
        "5,1,2,3",
        "-91,0,1,1",
        "0,0,91,1",
        "1," * 60,
    ],
)
def test_what_is_no_area_is_none(text: str) -> None:
    assert area_of(text) is None


def test_an_area_may_cross_the_date_line() -> None:
    area = area_of("-10,170,10,190")
    assert area == Area(-10, 170, 10, -170)
    assert area.holds(0, 175)
    assert area.holds(0, -175)
    assert not area.holds(0, 0)


def test_a_map_that_shows_the_globe_more_than_once_is_the_whole_globe() -> None:
    assert area_of("-80,-400,80,300") == Area(-80, -180, 80, 180)


degrees = st.floats(-180, 180).map(lambda value: round(value, 6))


@given(south=st.floats(-90, 0), north=st.floats(0, 90), west=degrees, east=degrees)
def test_an_area_survives_its_address(south: float, north: float, west: float, east: float) -> None:
    area = Area(round(south, 6), west, round(north, 6), east)
    again = area_of(str(area))
    assert again is not None
    if again.east - again.west < 360:
        assert again.sides == pytest.approx(area.sides)


def test_the_grid_halves_with_each_zoom() -> None:
    assert grid_step(0) == 90
    assert grid_step(3) == 2 * grid_step(4)
    assert grid_step(99) == grid_step(22)
