"""The product's own view of the demo upstreams: asks and orders through their `/_control`."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from flask_babel import gettext

from webapp.core.errors import NotFound
from webapp.core.settings import current
from webapp.demo.home import Home
from webapp.demo.mailbox import Mailbox
from webapp.demo.mynaga.tokens import demo_accounts
from webapp.demo.open311.app import API_KEY

PATIENCE_S = 3.0
PUT_RIGHT = "well"


@dataclass(frozen=True)
class Upstream:
    """One demo upstream: what it is called, where its control is, what a connection to it needs."""

    kind: str
    name: str
    control: str
    base_url: str
    tokens: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class State:
    """What an upstream said of itself; `answers` False where it did not."""

    answers: bool
    records: int = 0
    trouble: str | None = None
    modes: tuple[tuple[str, str], ...] = ()
    received: tuple[dict[str, Any], ...] = ()


def upstreams() -> list[Upstream]:
    """Both demo upstreams of this desk."""
    naga = os.environ.get("TULAY_DEMO_MYNAGA", "http://127.0.0.1:8901")
    city = os.environ.get("TULAY_DEMO_OPEN311", "http://127.0.0.1:8902")
    naga_tokens = tuple((token, _holder(account)) for token, account in demo_accounts().items())
    return [
        Upstream("mynaga", "MyNaga demo", f"{naga}/_control", naga, naga_tokens),
        Upstream(
            "open311",
            "Open311 demo",
            f"{city}/_control",
            f"{city}/open311/v2",
            ((API_KEY, "Tulay desk"),),
        ),
    ]


def upstream(kind: str) -> Upstream:
    """One of them. Raises NotFound."""
    found = {item.kind: item for item in upstreams()}.get(kind)
    if found is None:
        raise NotFound(gettext("There is no such demo upstream."))
    return found


def state_of(item: Upstream) -> State:
    """Its state now; an upstream that is away is a state as well."""
    try:
        said = httpx.get(item.control, timeout=PATIENCE_S, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return State(answers=False)
    return State(
        answers=True,
        records=said["records"],
        trouble=said["trouble"]["mode"] if said["trouble"] else None,
        modes=tuple(said["modes"].items()),
        received=tuple({**row, "at": _moment(row["at"])} for row in said["received"][:20]),
    )


def order(item: Upstream, **what: Any) -> Any:
    """Gives an order; None where it is away or refuses."""
    try:
        answer = httpx.post(item.control, json=what, timeout=PATIENCE_S, trust_env=False)
        return answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError):
        return None


def mailbox() -> Mailbox:
    """Where the catcher of this desk puts its mails."""
    return Mailbox(Home().file("demo", "mail"))


def demo_is_on() -> bool:
    """Whether this desk runs as a demo."""
    return current().tulay_demo


def _holder(account: Any) -> str:
    if account.revoked:
        return f"{account.name}: revoked"
    if account.expires:
        return f"{account.name}: expired"
    return f"{account.name}: {', '.join(account.scopes) or 'no rights'}"


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp / 1000, UTC)
