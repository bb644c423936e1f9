"""Real payloads of real cities, served over HTTP by a small GeoReport v2 server."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.sync.conftest import counted, link_of, ticket_of
from tests.sync.georeport_server import ABSENT_REASON, KOELN, GeoReportServer, koeln_records
from webapp.core import db
from webapp.sync.models import Quarantine
from webapp.tickets.models import Attachment, Ticket

DIFFERENT = 49  # ids among the fifty records


def double_of(city):
    """Cologne really gave one id to two reports; this is the one that was changed less lately."""
    same = [r for r in city.records if r["service_request_id"] == "A-173374"]
    return min(same, key=lambda r: r["updated_datetime"])


pytestmark = pytest.mark.skipif(not KOELN.exists(), reason=ABSENT_REASON)


@pytest.fixture
def koeln(connect):
    with GeoReportServer(koeln_records()) as server:
        upstream = SimpleNamespace(url=server.url, token="")
        yield server.city, connect(upstream, kind="open311", name="Köln")


def test_all_fifty_records_become_tickets_with_their_texts_places_photos_and_dates(koeln, run):
    city, connection_id = koeln

    first = run(connection_id)

    assert (first.state, first.fetched, first.created) == ("ok", 50, DIFFERENT), first.error
    for record in city.records:
        if record is double_of(city):
            continue
        ticket = ticket_of(record["service_request_id"])
        said = record.get("description") or record.get("status_notes") or ""
        assert " ".join(ticket.description.split()) == " ".join(said.split())
        assert ticket.category == record["service_name"]
        assert ticket.place == " ".join(record["address"].split())
        assert abs(ticket.lat - Decimal(str(record["lat"]))) < Decimal("0.000001")
        assert abs(ticket.lng - Decimal(str(record["long"]))) < Decimal("0.000001")
        reported = datetime.fromisoformat(record["requested_datetime"])
        assert ticket.reported_at == reported.astimezone(UTC)
        assert ticket.status == {"open": "open", "closed": "closed"}[record["status"]]
        photos = [a.remote_url for a in ticket.attachments]
        assert photos == ([record["media_url"]] if record.get("media_url") else [])
    with_photo = {r["service_request_id"] for r in city.records if r.get("media_url")}
    assert len(db.session().scalars(select(Attachment)).all()) == len(with_photo) > 10


def test_of_two_reports_under_one_id_the_second_waits_for_a_person_and_is_not_lost(koeln, run):
    city, connection_id = koeln

    assert run(connection_id).quarantined == 1

    (kept,) = db.session().scalars(select(Quarantine)).all()
    assert kept.payload == double_of(city)
    assert "same id" in kept.reason


def test_a_second_pull_changes_nothing(koeln, run):
    _city, connection_id = koeln
    run(connection_id)
    before = counted()

    again = run(connection_id)

    assert (again.state, again.created, again.updated) == ("ok", 0, 0)
    assert counted() == before


def test_an_update_of_one_long_after_its_creation_changes_one(koeln, run):
    """start_date filters by creation: the open ones are asked for again by their ids."""
    city, connection_id = koeln
    run(connection_id)
    open_one = next(r for r in city.records if r["status"] == "open")
    city.update(
        open_one["service_request_id"],
        status="closed",
        updated_datetime="2023-12-12T10:00:00+01:00",
    )
    before = counted()

    found = run(connection_id)

    assert (found.state, found.updated, found.created) == ("ok", 1, 0)
    ticket = ticket_of(open_one["service_request_id"])
    assert (ticket.status, ticket.external_status) == ("closed", "closed")
    assert counted().ticket == before.ticket
    assert run(connection_id).updated == 0


def test_a_capped_city_without_pages_still_gives_all_its_records(connect, run):
    with GeoReportServer(koeln_records(), cap=20, pages=False) as server:
        upstream = SimpleNamespace(url=server.url, token="")
        connection_id = connect(upstream, kind="open311", name="Köln")

        assert run(connection_id).state == "ok"
        assert counted().ticket == DIFFERENT


def test_a_record_that_is_gone_there_is_marked_and_its_ticket_stays(koeln, run):
    city, connection_id = koeln
    run(connection_id)
    gone = next(r for r in city.records if r["status"] == "open")["service_request_id"]
    city.records[:] = [r for r in city.records if r["service_request_id"] != gone]

    assert run(connection_id).state == "ok"

    assert link_of(gone).state == "gone"
    assert len(db.session().scalars(select(Ticket)).all()) == DIFFERENT
