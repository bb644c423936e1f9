"""The whole way in real windows: pulled from TUNICLAIM, validated by an agent, paid by finance, and known there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.fakes.upstreams import Server, tuniclaim_server
from tests.serving import enter, serving, window_on
from webapp.accounts.models import User
from webapp.claims.models import Bulletin, ClaimSettings, Client, Payment
from webapp.core import clock, db
from webapp.events.types import SYSTEM
from webapp.outbox import deliver
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.models import Connection, Link
from webapp.sync.pull.loop import pull

pytestmark = pytest.mark.browser
SignedIn = Callable[[User], Page]
IBAN = "TN5910006035183598478831"


@pytest.fixture
def tunis() -> Iterator[Server]:
    """One bordereau of two bulletins that it has received only."""
    with tuniclaim_server(bordereaux=1, bulletins=2) as server:
        claims = server.upstream.claims
        [bordereau] = claims.page(since=None, number=0, size=1)
        for each in claims.drawer.of(int(bordereau["id"])):
            claims.edit_bulletin(each["id"], status="RECU", payment=None)
        claims.edit(bordereau["id"], status="RECU")
        yield server


@pytest.fixture
def signed_in(app: Flask, browser: Browser) -> Iterator[SignedIn]:
    """`signed_in(person)`: a window of their own, in which nothing went wrong by the end."""
    opened, complaints = [], []

    def sign_in(person: User) -> Page:
        context = window_on(
            browser, address, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "response",
            lambda answer: complaints.append(answer.url) if answer.status >= 400 else None,
        )
        enter(page, person.email)
        return page

    with serving(app) as address:
        yield sign_in
        for context in opened:
            context.close()
    assert complaints == []


def connected(tunis: Server) -> int:
    """The id of a connection to it, after its first pull."""
    with db.transaction():
        connection = actions.create_connection(
            kind="tuniclaim",
            name="TUNICLAIM",
            base_url=tunis.url,
            secret=tunis.token,
            shape="contract",
            allow_http=True,
            push_enabled=True,
            actor=SYSTEM,
        )
        number = connection.id
    assert pull(number, trigger="manual") == "ok"
    return number


def sent(connection: int) -> None:
    """A worker sends what waits."""
    with db.transaction() as session:
        for delivery in session.scalars(select(Delivery).where(Delivery.state == "queued")):
            delivery.not_before = clock.now()
    deliver.drain(f"connection:{connection}")
    db.session().rollback()


def accounts_known() -> None:
    """Of the desk and of the client, so that an order for the bank can be written."""
    with db.transaction() as session:
        desk = session.scalars(select(ClaimSettings)).one()
        desk.payer_name, desk.payer_iban = "Mutuelle", IBAN
        client = session.scalars(select(Client)).one()
        client.account_holder, client.iban = "Client", IBAN


def one_bulletin() -> tuple[int, int, str]:
    """Its key, the key that it has there, its number."""
    db.session().rollback()
    row = db.session().execute(
        select(Bulletin.id, Link.external_id, Bulletin.number)
        .join(Link, (Link.local_kind == "bulletin") & (Link.local_id == Bulletin.id))
        .order_by(Bulletin.id)
    )
    key, there, number = row.first()  # type: ignore[misc]
    return int(key), int(there), str(number)


def validated_by(page: Page, key: int) -> str:
    """The agent takes it up and agrees; the amount that stood there."""
    page.goto(f"/claims/bulletins/{key}")
    decision = page.locator(f"#bulletin-{key}-decision")
    decision.get_by_role("button", name="Take up").click()
    amount = decision.get_by_label("To be paid")
    expect(amount).to_be_visible()
    found = amount.input_value()
    decision.get_by_role("button", name="Validate").click()
    expect(page.locator(f"#bulletin-{key}-head")).to_contain_text("Validated")
    return found


def paid_by(page: Page, number: str) -> str:
    """Finance makes a payment of it, schedules it, takes the order for the bank and says that it is paid; its number."""
    page.goto("/claims/payments/new")
    page.get_by_role("link", name="Choose").click()
    expect(page.get_by_label(f"Pay {number}")).to_be_checked()
    page.get_by_role("button", name="Make the payment").click()
    page.wait_for_url(re.compile(r"/claims/payments/P-"))
    ref = page.url.rsplit("/", 1)[1]
    form = page.locator("form[id$=to-scheduled]")
    form.get_by_label("To be paid on").fill(f"{clock.now():%Y-%m-%d}")
    form.get_by_role("button", name="Schedule").click()
    page.get_by_role("button", name="It is with the bank").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Order as pain.001").click()
    order = download.value.path().read_text()
    assert "<EndToEndId>" in order
    assert IBAN in order
    page.get_by_role("button", name="It is with the bank").click()
    form = page.locator("form[id$=to-paid]")
    form.get_by_label("Transfer reference").fill("VIR-2026-77")
    form.get_by_role("button", name="All of it is paid").click()
    expect(page.locator(".page-header").first).to_contain_text("Paid")
    return ref


def facts_of(bulletin_id: int, tunis: Server) -> Any:
    return tunis.upstream.claims.bulletin(bulletin_id)


def test_from_the_pull_to_the_payment_that_the_upstream_holds(
    people: SimpleNamespace, signed_in: SignedIn, tunis: Server
) -> None:
    andres, fina = people.andres, people.fina
    agent, finance = signed_in(andres), signed_in(fina)
    connection = connected(tunis)
    accounts_known()
    key, there, number = one_bulletin()

    amount = validated_by(agent, key)
    sent(connection)
    assert facts_of(there, tunis)["status"] == "VALIDE"

    ref = paid_by(finance, number)
    sent(connection)
    held = facts_of(there, tunis)
    assert held["status"] == "PAYE"
    assert held["payment"]["status"] == "PAYE"
    assert Decimal(str(held["payment"]["amount"])) == Decimal(amount)
    assert held["payment"]["virementReference"] == "VIR-2026-77"
    assert str(held["payment"]["paidAt"]).startswith(f"{clock.now():%Y-}")
    db.session().rollback()
    states = db.session().scalars(select(Payment.state).where(Payment.bulletin_id == key)).all()
    assert states == ["paid"]
    left = select(Delivery.summary).where(Delivery.target == f"connection:{connection}")
    assert db.session().scalars(left.where(Delivery.state != "sent")).all() == []

    agent.goto(f"/claims/bulletins/{key}")
    expect(agent.locator(f"#bulletin-{key}-head")).to_contain_text("Paid")
    history = agent.locator(f"#bulletin-{key}-history")
    for words in ("Andres", "Fina", "TUNICLAIM", "VIR-2026-77"):
        expect(history).to_contain_text(words)
    expect(agent.get_by_text(str(there), exact=True).first).to_be_visible()

    finance.goto("/claims/overview")
    finance.get_by_role("link", name="Paid this month").click()
    expect(finance.locator("#payment-list")).to_contain_text("1 bulletin paid")
    expect(finance.locator("#payment-list")).to_contain_text(ref)

    with db.transaction() as session:
        session.get_one(Connection, connection).next_pull_at = clock.now()
    assert pull(connection, trigger="manual") == "ok"
    sent(connection)
    assert facts_of(there, tunis) == held, "what comes back changes nothing there"
