"""What people do to a running desk over HTTP, and what must be true afterwards, read from its database."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tests.browser.running import Desk
from tests.conftest import PATIENCE_S
from tests.processes import STARTS_WITHIN_S


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)


def _answers(person: httpx.Client) -> bool:
    try:
        return person.get("/report").status_code == 200
    except httpx.TransportError:
        return False


def report(desk: Desk, title: str) -> None:
    """As soon as the web process answers: it may have been killed a moment ago."""
    with httpx.Client(base_url=desk.url, trust_env=False, timeout=PATIENCE_S) as person:
        until(partial(_answers, person), STARTS_WITHIN_S, "the form answers")
        form = person.get("/report").text
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
        fields |= {
            name: value
            for value, name in re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="([^"]+)"', form)
        }
        time.sleep(3.1)  # faster than a person types is taken for a machine
        fields |= {
            "title": title,
            "description": "Water since this morning.",
            "place": "Zone 2",
            "name": "Rosa Dela Cruz",
            "email": "rosa@example.org",
        }
        option = re.search(r'<option value="([^"]+)"', form)
        if option:
            fields["category"] = option.group(1)
        answer = person.post("/report", data=fields)
        assert answer.status_code in (200, 303, 302), answer.text[:500]


def message_id(path: Path) -> str:
    found = re.search(r"^Message-ID:\s*(<[^>]+>)", path.read_text(errors="replace"), re.M | re.I)
    assert found
    return found.group(1)


def mails(desk: Desk) -> list[Path]:
    return list((desk.folder / "demo" / "mail").rglob("*.eml"))


def mails_doubled(desk: Desk) -> int:
    """How many mails have come once more."""
    ids = [message_id(path) for path in mails(desk)]
    return len(ids) - len(set(ids))


def once_each(
    desk: Desk, rows: Callable[..., list[Any]], titles: list[str], *, resent: int = 0
) -> None:
    """Tickets, links and mails exactly once. `resent`: so many mails may have come twice, under one Message-ID."""
    for title in titles:
        assert rows("SELECT count(*) FROM ticket WHERE title = :t", t=title)[0][0] == 1
    doubled = rows(
        "SELECT connection_id, kind, external_id FROM link"
        " GROUP BY connection_id, kind, external_id HAVING count(*) > 1"
    )
    assert doubled == []
    mynaga = "SELECT count(*) FROM link JOIN connection c ON c.id = connection_id WHERE c.kind = 'mynaga'"

    def agreed() -> bool:
        """A mail may be on its way, and a record not yet pulled: what is lost or doubled never comes to agree."""
        sent = rows("SELECT count(*) FROM delivery WHERE target = 'mail' AND state = 'sent'")[0][0]
        ids = [message_id(path) for path in mails(desk)]
        return (
            len(titles) <= sent == len(set(ids))
            and len(ids) <= sent + resent
            and rows(mynaga)[0][0] == desk.state("mynaga")["records"]
        )

    until(agreed, STARTS_WITHIN_S, "as many mails as are called sent, and as many links as records")
