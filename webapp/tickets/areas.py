"""Rectangles on the map, as they stand in an address: south,west,north,east in degrees. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

PIXELS_A_PIN = 64  # pins nearer to each other than this on the screen become one
_TILE = 256  # pixels; zoom 0 shows the whole globe on one tile


@dataclass(frozen=True)
class Area:
    """`west` above `east`: across the 180th meridian."""

    south: float
    west: float
    north: float
    east: float

    def __str__(self) -> str:
        return ",".join(f"{each:.6f}".rstrip("0").rstrip(".") for each in self.sides)

    @property
    def sides(self) -> tuple[float, float, float, float]:
        return self.south, self.west, self.north, self.east

    @property
    def crosses_date_line(self) -> bool:
        return self.west > self.east

    def holds(self, lat: float, lng: float) -> bool:
        sides = (lng >= self.west, lng <= self.east)
        across = any(sides) if self.crosses_date_line else all(sides)
        return across and self.south <= lat <= self.north


def area_of(text: str) -> Area | None:
    """The area that an address names; None for anything that is none."""
    parts = text.split(",")
    if len(parts) != 4 or len(text) > 100:
        return None
    try:
        south, west, north, east = (float(part) for part in parts)
    except ValueError:
        return None
    if not (-90 <= south <= north <= 90 and math.isfinite(west) and math.isfinite(east)):
        return None
    if east - west >= 360:
        return Area(south, -180.0, north, 180.0)
    return Area(south, _wrapped(west), north, _wrapped(east))


def grid_step(zoom: int) -> float:
    """Degrees between the lines of the grid in which pins are counted together."""
    return 360 / 2 ** max(0, min(zoom, 22)) * PIXELS_A_PIN / _TILE


def _wrapped(lng: float) -> float:
    """A map that was turned around the globe gives degrees beyond 180."""
    return lng if -180 <= lng <= 180 else (lng + 180) % 360 - 180
