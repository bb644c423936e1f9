"""Whatever leads the desk to an address, no socket is opened to a forbidden one: pulls, pushes and tests end to end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpcore
import pytest
from flask import Flask

from tests.fakes.upstreams import mynaga_server
from tests.proof.invariants import fresh
from tests.proof.world import AMIHAN
from webapp.core import clock, db, settings
from webapp.core.errors import AppError
from webapp.events.models import Event
from webapp.outbox import deliver
from webapp.outbox.models import Delivery
from webapp.sync import actions, probe
from webapp.sync.models import Connection, Link, Run
from webapp.sync.pull.loop import pull
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket

PUBLIC = "93.184.216.34"
FORBIDDEN = {
    "loopback": "127.0.0.1",
    "metadata": "169.254.169.254",
    "private": "10.1.2.3",
    "carrier": "100.64.0.9",
    "anything": "0.0.0.0",
    "loopback6": "::1",
    "mapped": "::ffff:10.0.0.1",
    "nat64": "64:ff9b::a00:1",
    "6to4": "2002:a00:1::",
    "anycast": "192.88.99.1",
    "multicast": "224.0.0.251",
    "linklocal6": "fe80::1",
}


@dataclass
class Net:
    """What the name server says, and which addresses were dialled."""

    names: dict[str, str] = field(default_factory=dict)
    dialled: list[str] = field(default_factory=list)
    let_through: tuple[str, ...] = ()
    allowed: Any = ()  # what SYNC_ALLOWED_NETS names in the other tests: loopback

    def getaddrinfo(self, host: str | bytes, port: int, *_args: Any, **_options: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        address = self.names.get(name, name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def open_loopback(self) -> None:
        """Loopback is allowed and answers, as an intranet's system does."""
        self.let_through = ("127.0.0.1",)
        settings.install(settings.current().model_copy(update={"sync_allowed_nets": self.allowed}))


@pytest.fixture
def net(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    before = settings.current()
    found, real = Net(allowed=before.sync_allowed_nets), httpcore.SyncBackend.connect_tcp

    def dial(self: Any, host: str, port: int, **options: Any) -> Any:
        found.dialled.append(host)
        if host not in found.let_through:
            raise httpcore.ConnectError("nobody answers here")
        return real(self, host, port, **options)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", dial)
    monkeypatch.setattr("webapp.core.http.backend.socket.getaddrinfo", found.getaddrinfo)
    settings.install(before.model_copy(update={"sync_allowed_nets": ()}))
    yield found
    settings.install(before)


def connect(base_url: str, secret: str = "token-of-somebody") -> int:
    with db.transaction():
        made = actions.create_connection(
            kind="mynaga",
            name=base_url[:100],
            base_url=base_url,
            secret=secret,
            allow_http=True,
            actor=AMIHAN,
        )
    return made.id


def pulled(connection_id: int) -> Run:
    with db.transaction() as session:
        session.get_one(Connection, connection_id).next_pull_at = clock.now()
    pull(connection_id, sleep=lambda _s: None)
    found = fresh().query(Run).order_by(Run.id.desc()).first()
    assert isinstance(found, Run)
    return found


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_name_that_leads_to_a_forbidden_address_is_dialled_by_nothing(
    net: Net, name: str
) -> None:
    net.names["city.example"] = FORBIDDEN[name]

    run = pulled(connect("https://city.example"))

    assert (run.state, run.error_kind) == ("failed", "blocked")
    with pytest.raises(AppError):
        probe.test_connection(kind="mynaga", base_url="https://city.example", secret="x" * 20)
    assert net.dialled == []


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "017700000001", "[::1]"])
def test_a_number_in_disguise_is_dialled_by_nothing(net: Net, host: str) -> None:
    net.names[host.strip("[]")] = "127.0.0.1"  # as the system's resolver reads it

    assert pulled(connect(f"http://{host}:8080")).error_kind in ("blocked", "dns")
    assert net.dialled == []


def test_a_name_that_turns_to_the_inside_between_two_pulls_is_refused_then(net: Net) -> None:
    net.names["turning.example"] = PUBLIC
    connection_id = connect("https://turning.example")
    assert pulled(connection_id).error_kind == "network"
    assert set(net.dialled) == {PUBLIC}

    net.names["turning.example"] = "10.0.0.5"

    assert pulled(connection_id).error_kind == "blocked"
    assert set(net.dialled) == {PUBLIC}


def test_a_push_to_a_name_that_turned_to_the_inside_leaves_nothing_but_a_reason(net: Net) -> None:
    net.open_loopback()
    with mynaga_server(records=1) as naga:
        port = naga.url.rpartition(":")[2]
        net.names["naga.example"] = "127.0.0.1"
        connection_id = connect(f"http://naga.example:{port}", naga.token)
        assert pull(connection_id, sleep=lambda _s: None) == "ok"
        net.names["naga.example"] = "169.254.169.254"
        net.dialled.clear()
        with db.transaction() as session:
            ticket = session.query(Ticket).join(Link, Link.local_id == Ticket.id).one()
            wanted = "closed" if ticket.status != "closed" else "open"
            change_status(ticket, status=wanted, actor=AMIHAN)

        deliver.drain(f"connection:{connection_id}")

        delivery = fresh().query(Delivery).filter(Delivery.channel == "push").one()
        assert delivery.state in ("parked", "retrying", "held")
        assert delivery.reason
        assert net.dialled == []
        assert naga.received == []


def test_an_upstream_that_redirects_to_the_inside_is_not_followed(net: Net) -> None:
    net.open_loopback()
    with mynaga_server(records=3) as naga:
        naga.trouble("redirect", to="http://169.254.169.254/latest/meta-data/")
        run = pulled(connect(naga.url))
        assert run.error_kind == "redirect"
        assert set(net.dialled) == {"127.0.0.1"}
    assert fresh().query(Event).filter(Event.type == "ticket.created").count() == 0
