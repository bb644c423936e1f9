"""How alike two tickets are, in metres, days and words. Pure; the libraries are loaded at their first use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

CELL_SIZE = 9  # h3's resolution: cells of about 350 m
RINGS = 2  # around a place's cell; together they hold all that is nearer than NEAR_M, anywhere
NEAR_M = 300
NEAR_IN_TIME = timedelta(days=14)
LONGEST_COMPARED = 500  # characters of a text
# Percent of likeness in words that a suggestion needs: of one category and place, without coordinates, otherwise.
ALIKE, ALIKE_WITHOUT_PLACE, ALIKE_OF_OTHER_KIND = 50, 70, 75
ENOUGH = 55  # of 100, all taken together


@dataclass(frozen=True)
class Case:
    """What a comparison needs of a ticket."""

    text: str
    category: str
    barangay: str
    lat: float | None
    lng: float | None
    at: datetime


@dataclass(frozen=True)
class Likeness:
    """`metres`: None where one has no coordinates; then both are in one barangay. `alike`: percent."""

    metres: int | None
    days: int
    alike: int
    one_category: bool

    @property
    def score(self) -> int:
        """0 to 100: half by words, the rest by nearness in space and time."""
        near = 0.5 if self.metres is None else 1 - self.metres / NEAR_M
        recent = 1 - self.days / (NEAR_IN_TIME.days + 1)
        return round(self.alike / 2 + 30 * near + 20 * recent)

    @property
    def is_worth_telling(self) -> bool:
        if not self.one_category:
            needed = ALIKE_OF_OTHER_KIND
        else:
            needed = ALIKE if self.metres is not None else ALIKE_WITHOUT_PLACE
        return self.alike >= needed and self.score >= ENOUGH


def compare(one: Case, other: Case) -> Likeness | None:
    """None where they are too far from each other to be the same, in space or in time."""
    apart = abs(one.at - other.at)
    if apart > NEAR_IN_TIME:
        return None
    metres = distance_m(one, other)
    if metres is None:
        if not one.barangay or one.barangay.casefold() != other.barangay.casefold():
            return None
    elif metres > NEAR_M:
        return None
    alike = alike_percent(one.text, other.text)
    one_category = one.category.casefold() == other.category.casefold()
    return Likeness(metres, apart.days, alike, one_category)


def distance_m(one: Case, other: Case) -> int | None:
    """Metres on the globe; None where either has no coordinates."""
    if one.lat is None or one.lng is None or other.lat is None or other.lng is None:
        return None
    return round(_h3().great_circle_distance((one.lat, one.lng), (other.lat, other.lng), unit="m"))


def alike_percent(one: str, other: str) -> int:
    """How much of the words is the same, whatever their order, case and punctuation."""
    from rapidfuzz import fuzz, utils

    cut = [text[:LONGEST_COMPARED] for text in (one, other)]
    return round(fuzz.token_set_ratio(*cut, processor=utils.default_process))


def cell_of(lat: Any, lng: Any) -> int | None:
    """The h3 cell that a place lies in; None without a place."""
    if lat is None or lng is None:
        return None
    cell: int = _h3().latlng_to_cell(float(lat), float(lng), CELL_SIZE)
    return cell


def cells_near(cell: int) -> list[int]:
    """The cells that hold every place within NEAR_M of any place in `cell`, itself among them."""
    return list(_h3().grid_disk(cell, RINGS))


def _h3() -> Any:
    from h3.api import basic_int

    return basic_int
