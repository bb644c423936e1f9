"""The product's own view of the demo upstreams: asks and orders through their `/_control`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from flask_babel import gettext

from webapp.core.errors import NotFound
from webapp.core.settings import current
from webapp.demo.home import UPSTREAMS, Home, upstream_address
from webapp.demo.mailbox import Mailbox
from webapp.demo.mynaga.tokens import demo_accounts
from webapp.demo.open311.app import API_KEY as OPEN311_KEY
from webapp.demo.tuniclaim.app import API_KEY as CLAIMS_KEY

PATIENCE_S = 3.0
PUT_RIGHT = "well"


@dataclass(frozen=True)
class Words:
    """How its page calls what it keeps, and its two orders."""

    records: str
    add: str
    change: str


@dataclass(frozen=True)
class Upstream:
    """One demo upstream: what it is called, where its control is, what a connection to it needs."""

    kind: str
    name: str
    control: str
    base_url: str
    tokens: tuple[tuple[str, str], ...]
    words: "Words"


@dataclass(frozen=True)
class State:
    """What an upstream said of itself; `answers` False where it did not."""

    answers: bool
    records: int = 0
    trouble: str | None = None
    modes: tuple[tuple[str, str], ...] = ()
    received: tuple[dict[str, Any], ...] = ()


def upstreams() -> list[Upstream]:
    """All demo upstreams of this desk."""
    naga_tokens = tuple((token, _holder(account)) for token, account in demo_accounts().items())
    reports = Words(
        records=gettext("Reports"),
        add=gettext("Add a report now"),
        change=gettext("Change a random report"),
    )
    claims = Words(
        records=gettext("Bordereaux"),
        add=gettext("Add a bulletin or bordereau now"),
        change=gettext("Change a random claim"),
    )
    return [
        _upstream("mynaga", "", naga_tokens, reports),
        _upstream("open311", "/open311/v2", ((OPEN311_KEY, "Tulay desk"),), reports),
        _upstream("tuniclaim", "", ((CLAIMS_KEY, "Tulay desk"),), claims),
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


def _upstream(kind: str, path: str, tokens: tuple[tuple[str, str], ...], words: Words) -> Upstream:
    address = upstream_address(kind)
    control, base_url = f"{address}/_control", f"{address}{path}"
    return Upstream(kind, UPSTREAMS[kind], control, base_url, tokens, words)


def _holder(account: Any) -> str:
    if account.revoked:
        return f"{account.name}: revoked"
    if account.expires:
        return f"{account.name}: expired"
    return f"{account.name}: {', '.join(account.scopes) or 'no rights'}"


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp / 1000, UTC)
