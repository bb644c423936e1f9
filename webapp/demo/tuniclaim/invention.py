"""Invents clients and claims, French and Arabic. Pure, given its random source."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import yaml

from webapp.demo.tuniclaim.drawer import Bulletin
from webapp.demo.tuniclaim.exact import as_number, dinars

TONGUES = ("french", "arabic")
RELATIONS = (
    "ADHERENT",
    "ADHERENT",
    "ADHERENT",
    "CONJOINT",
    "CONJOINT",
    "ENFANT",
    "ENFANT",
    "PARENT",
)
YOUNGEST = {"ADHERENT": 24, "CONJOINT": 24, "ENFANT": 0, "PARENT": 58}
PEOPLE = 300  # of each client
NUMBERS_EVERY = 9  # so many bulletins carry their amounts as JSON numbers
Item = TypeVar("Item")


@cache
def words() -> dict[str, Any]:
    """The lists of words.yaml."""
    text = Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def clients(today: date) -> list[dict[str, Any]]:
    """The clients with their contracts; two contracts end soon or have ended."""
    found = []
    for position, entry in enumerate(words()["clients"], start=1):
        contracts = [
            {
                "id": position * 10 + offset,
                "number": contract["number"],
                "startsOn": _day(today, contract["starts"]),
                "endsOn": _day(today, contract["ends"]),
                "ceiling": contract["ceiling"],
            }
            for offset, contract in enumerate(entry["contracts"], start=1)
        ]
        who = {"id": position, **{name: entry[name] for name in ("code", "name", "email")}}
        found.append({**who, "contracts": contracts})
    return found


def invent(rng: Random, bulletin_id: int, *, client: int, number: str, care: date) -> Bulletin:
    """A bulletin of one of the client's people as it was received, without `updatedAt`."""
    person = client * 1000 + int(rng.random() * PEOPLE)
    tongue = TONGUES[person % 5 < 2]
    items = [_item(rng, tongue) for _ in range(1 + int(rng.random() * 3))]
    member = _member(person, tongue)
    bulletin = {
        "id": bulletin_id,
        "number": number,
        "member": member,
        "beneficiary": _beneficiary(rng, member, tongue, care),
        "careDate": care.isoformat(),
        "status": "RECU",
        "rejectionReason": None,
        "items": [_shown(item) for item in items],
        "total": dinars(sum(item["amount"] for item in items)),
        "payment": None,
        "updatedAt": None,
    }
    return in_numbers(bulletin) if bulletin_id % NUMBERS_EVERY == 0 else bulletin


def in_numbers(bulletin: Bulletin) -> Bulletin:
    """The same with its amounts as JSON numbers."""
    items = [
        {**item, **{name: as_number(item[name]) for name in ("amount", "reimbursed")}}
        for item in bulletin["items"]
    ]
    return {**bulletin, "items": items, "total": as_number(bulletin["total"])}


def reason(rng: Random) -> str:
    """Why a bulletin was rejected."""
    return _pick(rng, words()[_pick(rng, TONGUES)]["reasons"])


def _member(person: int, tongue: str) -> dict[str, str]:
    """A matricule always has the same name."""
    names = words()[tongue]
    return {
        "matricule": f"M{person:05d}",
        "lastName": names["last"][person % len(names["last"])],
        "firstName": names["first"][person // 5 % len(names["first"])],
    }


def _beneficiary(
    rng: Random, member: dict[str, str], tongue: str, care: date
) -> dict[str, str | None]:
    relation = _pick(rng, RELATIONS)
    child = relation == "ENFANT"
    other: str = _pick(rng, words()[tongue]["children" if child else "first"])
    age = YOUNGEST[relation] * 365 + int(rng.random() * (17 if child else 25) * 365)
    return {
        "relation": relation,
        "firstName": member["firstName"] if relation == "ADHERENT" else other,
        "bornOn": None if rng.random() < 0.1 else (care - timedelta(days=age)).isoformat(),
    }


def _item(rng: Random, tongue: str) -> dict[str, Any]:
    act = _pick(rng, words()["acts"])
    amount = act["low"] + int(rng.random() * (act["high"] - act["low"]) / 5) * 5
    return {
        "code": act["code"],
        "label": act[tongue],
        "provider": _pick(rng, act["by"][tongue]),
        "amount": amount,
        "reimbursed": amount * act["rate"] // 100,
    }


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "amount": dinars(item["amount"]), "reimbursed": dinars(item["reimbursed"])}


def _pick(rng: Random, choices: Sequence[Item]) -> Item:
    # Ten thousands are invented at a start: this is a quarter of what rng.choice takes.
    return choices[int(rng.random() * len(choices))]


def _day(today: date, days: int | None) -> str | None:
    return None if days is None else (today + timedelta(days=days)).isoformat()
