"""What people do to connections, and where the token may and may not be."""

import pytest
from sqlalchemy import select

from tests.fakes.upstreams import mynaga_server
from tests.sync.conftest import AMIHAN, connection_of, counted, ticket_of
from tests.sync.test_pull_trouble import good, page_of
from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid, Misconfigured, NotFound, RemoteError
from webapp.events.models import Event
from webapp.sync import actions, probe, queries, tokens
from webapp.sync.linked import links_of
from webapp.sync.models import ConnectionSecret, Quarantine


def create(**changes):
    given = {
        "kind": "mynaga",
        "name": "Naga",
        "base_url": "https://naga.example",
        "secret": "a-token-of-some-length",
        "actor": AMIHAN,
    }
    with db.transaction():
        return actions.create_connection(**{**given, **changes}).id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"base_url": "ftp://naga.example"}, "base_url"),
        ({"base_url": "naga.example"}, "base_url"),
        ({"base_url": "http://naga.example"}, "base_url"),
        ({"base_url": "https://me:secret@naga.example"}, "base_url"),
        ({"base_url": "https://naga.example/?token=x"}, "base_url"),
        ({"base_url": "https://naga.example:port"}, "base_url"),
        ({"interval_minutes": 7}, "interval_minutes"),
        ({"kind": "nothing"}, "kind"),
    ],
)
def test_wrong_settings_are_named(app, changes, field):
    with pytest.raises(Invalid) as caught:
        create(**changes)

    assert field in caught.value.fields


def test_two_connections_cannot_have_one_name(app):
    create()

    with pytest.raises(Invalid) as caught:
        create()

    assert "name" in caught.value.fields


def test_the_token_is_stored_sealed_and_shown_by_its_last_four_characters(app):
    connection_id = create(secret="a-token-of-some-length-7f3a")

    row = tokens.current(connection_id)
    assert "token-of-some" not in row.sealed
    assert queries.secret_last4(connection_id) == "7f3a"
    assert tokens.read(connection_of(connection_id)) == "a-token-of-some-length-7f3a"
    for event in db.session().scalars(select(Event)):
        assert "token-of-some" not in str(event.data)


def test_another_host_needs_the_token_again(app):
    connection_id = create()

    with pytest.raises(Invalid) as caught, db.transaction():
        actions.edit_connection(
            connection_of(connection_id), base_url="https://thief.example", actor=AMIHAN
        )
    assert "secret" in caught.value.fields
    assert connection_of(connection_id).base_url == "https://naga.example"


def test_another_path_on_the_same_host_keeps_the_token(app):
    connection_id = create()

    with db.transaction():
        actions.edit_connection(
            connection_of(connection_id), base_url="https://naga.example/v2", actor=AMIHAN
        )

    assert tokens.read(connection_of(connection_id)) == "a-token-of-some-length"


def test_a_token_does_not_follow_an_address_that_was_changed_behind_our_back(app):
    connection_id = create()
    with db.transaction():
        connection_of(connection_id).base_url = "https://thief.example"

    with pytest.raises(Misconfigured):
        tokens.read(connection_of(connection_id))


def test_a_test_of_another_address_does_not_get_the_stored_token(app):
    connection = connection_of(create())

    assert probe.saved_secret(connection, "https://naga.example/api") == "a-token-of-some-length"
    assert probe.saved_secret(connection, "https://thief.example") == ""
    assert probe.saved_secret(connection, "http://naga.example") == ""


def test_a_replaced_token_is_kept_aside(app):
    connection_id = create()

    with db.transaction():
        actions.replace_secret(
            connection_of(connection_id), secret="another-token-of-length", actor=AMIHAN
        )

    rows = db.session().scalars(select(ConnectionSecret).order_by(ConnectionSecret.id)).all()
    assert [row.retired_at is None for row in rows] == [False, True]
    assert tokens.read(connection_of(connection_id)) == "another-token-of-length"


def test_changes_are_told_with_old_and_new_values(app):
    connection_id = create()

    with db.transaction():
        actions.edit_connection(connection_of(connection_id), interval_minutes=15, actor=AMIHAN)

    event = db.session().scalars(select(Event).where(Event.type == "connection.edited")).one()
    assert event.data["changes"] == {"interval_minutes": ["5", "15"]}
    assert connection_of(connection_id).next_pull_at is not None


def test_saving_without_changes_tells_nothing(app):
    connection_id = create()
    before = counted()

    with db.transaction():
        actions.edit_connection(connection_of(connection_id), name="Naga", actor=AMIHAN)

    assert counted() == before


def test_the_plan_of_the_probe_survives_an_edit_of_the_options(app):
    connection_id = create(plan={"shape": "contract", "auth": 0}, options={"area": "1"})

    with db.transaction():
        actions.edit_connection(
            connection_of(connection_id),
            options={"area": "2"},
            timezone="Asia/Manila",
            actor=AMIHAN,
        )

    assert connection_of(connection_id).options == {
        "area": "2",
        "plan": {"shape": "contract", "auth": 0},
        "timezone": "Asia/Manila",
    }


def test_a_time_zone_can_be_changed_and_taken_away(app):
    connection_id = create(timezone="Asia/Manila")

    for given, kept in (("Europe/Berlin", {"timezone": "Europe/Berlin"}), ("", {})):
        with db.transaction():
            actions.edit_connection(
                connection_of(connection_id), options={"timezone": given}, actor=AMIHAN
            )
        assert connection_of(connection_id).options == kept


def test_a_paused_connection_cannot_be_asked_to_sync(app):
    connection_id = create()
    with db.transaction():
        actions.pause(connection_of(connection_id), actor=AMIHAN)

    with pytest.raises(Conflict), db.transaction():
        actions.request_sync(connection_of(connection_id), actor=AMIHAN)


def test_only_those_who_manage_connections_see_one(app, people):
    connection_id = create()

    assert queries.connection_for(people.amihan, connection_id).name == "Naga"
    for person in (people.andres, people.fina, people.felix, people.rosa, people.nadia):
        with pytest.raises(NotFound):
            queries.connection_for(person, connection_id)


def test_testing_says_whose_token_it_is_and_shows_a_record(naga):
    found = probe.test_connection(
        kind="mynaga", base_url=naga.url, secret=naga.token, allow_http=True
    )

    assert found.identity.account == "Naga City Demo Desk"
    assert found.can_push
    assert found.sample_raw["id"] == found.sample.external_id


@pytest.mark.parametrize(
    ("token", "kind"),
    [("no-such-token", "unauthorized"), ("mynaga-demo-nothing-90be", "forbidden")],
)
def test_testing_a_bad_token_says_so(naga, token, kind):
    with pytest.raises(RemoteError) as caught:
        probe.test_connection(kind="mynaga", base_url=naga.url, secret=token, allow_http=True)

    assert caught.value.kind == kind
    assert caught.value.advice
    assert token not in caught.value.message + caught.value.advice


def test_an_overview_knows_state_problems_and_what_waits(naga, connect, run):
    connection_id = connect(naga)
    naga.script(page_of(good(1), good(2, createdAt="?"), good(3, status="Under Review")))
    run(connection_id)

    (found,) = queries.connections_overview()

    assert (found.problems, found.unmapped, found.waiting, found.parked) == (1, 1, 0, 0)
    assert found.health.text == "Degraded: 1 problem"
    assert found.is_well
    assert found.run.created == 2
    assert found.lag is not None


def test_the_dashboard_does_not_call_in_step_what_waits_for_a_person(
    naga, connect, run, people, sign_in
):
    connection_id = connect(naga)
    browser = sign_in(people.amihan)
    naga.script(page_of(good(1)))
    run(connection_id)
    assert "all in step" in browser.get("/home/figures").text

    naga.script(page_of(good(2, createdAt="?"), good(3, status="Under Review")))
    run(connection_id)
    tiles = browser.get("/home/figures").text
    assert "1 of 1" in tiles
    assert "all run; 2 things wait for you" in tiles


def test_stored_payloads_are_read_again_without_a_fetch(naga, connect, run):
    connection_id = connect(naga)
    naga.script(page_of(good(1, createdAt="?")))
    run(connection_id)
    calls = len(naga.calls)
    with db.transaction() as session:
        kept = session.scalars(select(Quarantine)).one()
        kept.payload = good(1)  # as if the mapping could read it now

    with db.transaction():
        result = actions.retry_quarantined(connection_of(connection_id), actor=AMIHAN)

    assert result == (1, 0)
    assert ticket_of("N-1")
    assert len(naga.calls) == calls
    assert queries.problems_of(connection_id) == []


def test_what_is_still_wrong_stays_listed(naga, connect, run):
    connection_id = connect(naga)
    naga.script(page_of(good(1, createdAt="?")))
    run(connection_id)

    with db.transaction():
        result = actions.retry_quarantined(connection_of(connection_id), actor=AMIHAN)

    assert result == (0, 1)
    (kept,) = queries.problems_of(connection_id)
    with db.transaction():
        actions.ignore_quarantined(connection_of(connection_id), ids=[kept.id], actor=AMIHAN)
    assert queries.problems_of(connection_id) == []


def test_a_status_that_is_none_of_ours_cannot_be_mapped_to(naga, connect, run):
    connection_id = connect(naga)
    run(connection_id)

    with pytest.raises(Invalid), db.transaction():
        actions.map_value(
            connection_of(connection_id),
            field="status",
            upstream="Under Review",
            local="perhaps",
            actor=AMIHAN,
        )


def test_a_ticket_says_where_it_stands_at_its_upstream(naga, connect, run):
    connection_id = connect(naga)
    report = naga.add(status="Submitted")["id"]
    run(connection_id)

    (link,) = links_of("ticket", ticket_of(report))

    assert (link.row.external_id, link.connection.id) == (report, connection_id)
    assert (link.pushes, link.conflicts) == ([], [])


def test_a_thousand_records_do_not_stay_in_memory(connect, run):
    with mynaga_server(records=1500) as naga:
        connection_id = connect(naga)
        held = []

        def look(_id):
            held.append(len(db.session().identity_map))

        from webapp.sync import progress

        progress.listeners.append(look)
        try:
            assert run(connection_id).state == "ok"
        finally:
            progress.listeners.remove(look)

        assert counted().ticket == 1500
        assert len(db.session().identity_map) < 50
        assert connection_of(connection_id).last_success_at <= clock.now()
