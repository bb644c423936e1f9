"""Invents what a citizen of the demo city reports: words, place, person. Pure, given its random source."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

# The barangays of Naga City, each with roughly where it lies.
BARANGAYS: dict[str, tuple[float, float]] = {
    "Abella": (13.6197, 123.1829),
    "Bagumbayan Norte": (13.6335, 123.1866),
    "Bagumbayan Sur": (13.6308, 123.1880),
    "Balatas": (13.6322, 123.2030),
    "Calauag": (13.6345, 123.1967),
    "Cararayan": (13.6340, 123.2480),
    "Carolina": (13.6580, 123.2900),
    "Concepcion Grande": (13.6205, 123.2131),
    "Concepcion Pequeña": (13.6230, 123.2042),
    "Dayangdang": (13.6266, 123.1936),
    "Del Rosario": (13.6118, 123.2282),
    "Dinaga": (13.6229, 123.1863),
    "Igualdad Interior": (13.6192, 123.1859),
    "Lerma": (13.6214, 123.1879),
    "Liboton": (13.6292, 123.1917),
    "Mabolo": (13.6108, 123.1823),
    "Pacol": (13.6540, 123.2500),
    "Panicuason": (13.6660, 123.3150),
    "Peñafrancia": (13.6312, 123.1985),
    "Sabang": (13.6190, 123.1800),
    "San Felipe": (13.6440, 123.2010),
    "San Francisco": (13.6245, 123.1861),
    "San Isidro": (13.6410, 123.2660),
    "Santa Cruz": (13.6262, 123.1812),
    "Tabuco": (13.6160, 123.1880),
    "Tinago": (13.6240, 123.1911),
    "Triangulo": (13.6172, 123.1968),
}


@dataclass(frozen=True)
class Story:
    """One report as its writer meant it. `phone` is never a number that can be dialled."""

    category: str
    code: str
    refined: str
    text: str
    place: str
    barangay: str
    lat: float
    lng: float
    name: str | None
    phone: str | None
    photos: int


@cache
def phrases() -> dict[str, Any]:
    """The word lists of stories.yaml."""
    text = Path(__file__).with_name("stories.yaml").read_text(encoding="utf-8")
    words: dict[str, Any] = yaml.safe_load(text)
    return words


def categories() -> dict[str, str]:
    """Category name → its service code."""
    return {name: entry["code"] for name, entry in phrases()["categories"].items()}


def invent(rng: Random) -> Story:
    """The next story of `rng`."""
    words = phrases()
    category, entry = rng.choice(list(words["categories"].items()))
    barangay, (lat, lng) = rng.choice(list(BARANGAYS.items()))
    street = rng.choice(words["streets"])
    anonymous = rng.random() < 0.18
    return Story(
        category=category,
        code=entry["code"],
        refined=rng.choice(entry["refined"]),
        text=_text(rng, entry, street=street),
        place=_place(rng, street, barangay),
        barangay=barangay,
        lat=round(lat + rng.gauss(0, 0.0022), 6),
        lng=round(lng + rng.gauss(0, 0.0022), 6),
        name=None if anonymous else _name(rng),
        phone=None if anonymous or rng.random() < 0.3 else _phone(rng),
        photos=rng.choices([0, 1, 2, 3], weights=[45, 38, 12, 5])[0],
    )


def note(rng: Random) -> str:
    """What a city office writes when it has looked at a report."""
    chosen: str = rng.choice(phrases()["notes"])
    return chosen


def _text(rng: Random, entry: dict[str, Any], *, street: str) -> str:
    filipino = rng.random() < 0.45
    tongue, tail = ("fil", "_fil") if filipino else ("en", "")
    words = phrases()
    parts = [rng.choice(entry[tongue])]
    if rng.random() < 0.4:
        parts.insert(0, rng.choice(words["openings" + tail]))
    if rng.random() < 0.65:
        parts.append(rng.choice(words["pleas" + tail]))
    filled = (
        (" " if rng.random() < 0.85 else "\n")
        .join(parts)
        .format(
            street=street,
            landmark=rng.choice(words["landmarks" + tail]),
            since=rng.choice(words["since" + tail]),
            purok=f"Purok {rng.randint(1, 7)}"
            if rng.random() < 0.7
            else f"Zone {rng.randint(1, 6)}",
            count=rng.randint(3, 14),
        )
    )
    return filled.lower() if rng.random() < 0.06 else filled


def _place(rng: Random, street: str, barangay: str) -> str:
    shape = rng.choice(
        [
            "{street}, Barangay {barangay}",
            "{number} {street}, {barangay}, Naga City",
            "Zone {zone}, {barangay}",
            "{street} corner {other}, {barangay}",
            "Purok {zone}, Brgy. {barangay}, Naga City",
        ]
    )
    return shape.format(
        street=street,
        other=rng.choice([s for s in phrases()["streets"] if s != street]),
        barangay=barangay,
        zone=rng.randint(1, 7),
        number=rng.randint(2, 240),
    )


def _name(rng: Random) -> str:
    first, last = rng.choice(phrases()["first_names"]), rng.choice(phrases()["last_names"])
    middle = f" {rng.choice('ABCDGLMPRS')}." if rng.random() < 0.35 else ""
    return f"{first}{middle} {last}"


def _phone(rng: Random) -> str:
    # No operator uses 0900, and 555 01xx is the range that films use.
    return f"+63 900 555 01{rng.randint(0, 99):02d}"
