"""Every page of somebody signed in, and a reporter's, says in words whether it is live."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from webapp.core import clock, db
from webapp.tickets.models import Ticket


@pytest.mark.parametrize("address", ["/", "/tickets", "/account", "/settings", "/health", "/audit"])
def test_a_page_of_the_staff_listens_and_has_a_place_for_the_words(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], address
):
    page = sign_in(people.amihan).get(address, follow_redirects=True).text
    assert 'id="live-state" class="live-state" role="status"' in page
    assert 'hx-sse:connect="/live?topics=' in page
    assert f'data-scope="{people.amihan.id}"' in page
    for words in (
        "Reconnecting…",
        "Catching up, {n}…",
        "Out of date since {time}",
        "Offline since",
    ):
        assert words.replace("…", "\\u2026") in page or words in page


def test_a_follow_page_does_too_and_shares_its_stream_with_no_other_page(client: FlaskClient, app):
    now = clock.now()
    with db.transaction() as session:
        session.add(Ticket(ref="T-8", title="Lamp", status="open", follow_token="token-of-rosa-0008",
                           reported_at=now, created_at=now, updated_at=now))  # fmt: skip
    address = next(
        rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == "tickets.follow"
    )
    page = client.get(address.replace("<token>", "token-of-rosa-0008")).text
    assert 'id="live-state"' in page
    assert 'data-scope="follow:token-of-rosa-0008"' in page
