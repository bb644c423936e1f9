"""The demo MyNaga speaks upstreams/mynaga.openapi.yaml; every other test leans on that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.fakes.upstreams import Server, mynaga_server

STATUSES = {"Submitted", "Acknowledged", "In Progress", "For Rerouting", "Resolved", "Closed"}
STATUSES |= {"Rejected"}


class Clock:
    """Time that only the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def naga(clock: Clock) -> Iterator[Server]:
    with mynaga_server(records=60, clock=clock) as server:
        yield server


@pytest.fixture
def api(naga: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {naga.token}"}
    with httpx.Client(base_url=f"{naga.url}/api/v1", headers=headers, trust_env=False) as client:
        yield client


def pages(api: httpx.Client, **params: object) -> Iterator[dict]:
    cursor = None
    while True:
        page = api.get(
            "/reports", params={**params, **({"cursor": cursor} if cursor else {})}
        ).json()
        yield page
        cursor = page["nextCursor"]
        if cursor is None:
            return


def read_all(api: httpx.Client, **params: object) -> list[dict]:
    return [report for page in pages(api, **params) for report in page["data"]]


def test_me_says_whose_token_it_is(api: httpx.Client) -> None:
    assert api.get("/me").json() == {
        "account": "Naga City Demo Desk",
        "scopes": ["reports:read", "reports:write"],
        "tokenExpiresAt": None,
    }


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("nobody-knows-it", 401, "token_invalid"),
        ("mynaga-demo-expired-11d8", 401, "token_expired"),
        ("mynaga-demo-revoked-e04f", 401, "token_revoked"),
        ("mynaga-demo-nothing-90be", 403, "scope_missing"),
    ],
)
def test_each_wrong_token_is_refused_in_its_own_words(
    naga: Server, token: str, status: int, code: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{naga.url}/api/v1/reports", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_reading_does_not_give_the_right_to_write(naga: Server) -> None:
    headers = {"Authorization": "Bearer mynaga-demo-reader-52c1"}
    address = f"{naga.url}/api/v1/reports/NAGA-2026-004101"
    assert httpx.get(address, headers=headers).status_code == 200
    refused = httpx.patch(address, headers=headers, json={"status": "Resolved"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "scope_missing")


def test_a_raw_token_without_bearer_is_not_known(naga: Server) -> None:
    answer = httpx.get(f"{naga.url}/api/v1/me", headers={"Authorization": naga.token})
    assert answer.status_code == 401


def test_all_reports_come_once_in_order_of_update_and_id(api: httpx.Client) -> None:
    keys = [(datetime.fromisoformat(r["updatedAt"]), r["id"]) for r in read_all(api, limit=7)]
    assert keys == sorted(keys)
    assert len({key[1] for key in keys}) == 60


def test_some_pages_that_are_not_the_last_are_short(api: httpx.Client) -> None:
    sizes = [len(page["data"]) for page in pages(api, limit=6)]
    assert min(sizes[:-1]) < 6


def test_total_is_sometimes_absent(api: httpx.Client) -> None:
    first, second, *_ = pages(api, limit=10)
    assert first["total"] == 60
    assert "total" not in second


def test_several_reports_share_one_time_of_update(api: httpx.Client) -> None:
    times = [report["updatedAt"] for report in read_all(api, limit=500)]
    assert len(set(times)) < len(times)


def test_updated_since_includes_its_own_moment(
    naga: Server, api: httpx.Client, clock: Clock
) -> None:
    clock.pass_(minutes=1)
    changed = naga.edit("NAGA-2026-004105", status="Under Review")
    found = read_all(api, updatedSince=changed["updatedAt"])
    assert [report["id"] for report in found] == ["NAGA-2026-004105"]


def test_a_report_that_changes_while_paging_moves_to_a_later_page(
    naga: Server, api: httpx.Client, clock: Clock
) -> None:
    walk = pages(api, limit=10)
    first = next(walk)["data"][0]
    clock.pass_(minutes=1)
    naga.edit(first["id"], location="Somewhere else")
    later = [report for page in walk for report in page["data"]]
    assert [r["version"] for r in later if r["id"] == first["id"]] == [first["version"] + 1]


def test_an_old_cursor_is_gone(naga: Server, api: httpx.Client, clock: Clock) -> None:
    cursor = api.get("/reports", params={"limit": 5}).json()["nextCursor"]
    clock.pass_(minutes=16)
    assert api.get("/reports", params={"cursor": cursor}).status_code == 410
    fresh = api.get("/reports", params={"limit": 5}).json()["nextCursor"]
    naga.upstream.expire_cursors()
    assert api.get("/reports", params={"cursor": fresh}).status_code == 410


@pytest.mark.parametrize("limit", ["0", "501", "many", "-1"])
def test_a_limit_out_of_bounds_is_refused(api: httpx.Client, limit: str) -> None:
    assert api.get("/reports", params={"limit": limit}).status_code == 422


def test_an_unchanged_page_answers_304(naga: Server, api: httpx.Client) -> None:
    first = api.get("/reports", params={"limit": 500})
    again = {"If-None-Match": first.headers["ETag"]}
    assert api.get("/reports", params={"limit": 500}, headers=again).status_code == 304
    naga.add()
    assert api.get("/reports", params={"limit": 500}, headers=again).status_code == 200


def test_a_change_of_status_raises_the_version(api: httpx.Client, naga: Server) -> None:
    before = naga.get("NAGA-2026-004110")
    answer = api.patch("/reports/NAGA-2026-004110", json={"status": "For Rerouting"}).json()
    assert (answer["status"], answer["version"]) == ("For Rerouting", before["version"] + 1)


def test_the_same_key_gets_the_first_answer_again(api: httpx.Client, naga: Server) -> None:
    address, key = "/reports/NAGA-2026-004110", {"Idempotency-Key": "delivery-7-1"}
    first = api.patch(address, json={"status": "For Rerouting"}, headers=key).json()
    naga.edit("NAGA-2026-004110", status="Rejected")
    assert api.patch(address, json={"status": "For Rerouting"}, headers=key).json() == first
    assert naga.get("NAGA-2026-004110")["status"] == "Rejected"
    assert [(r.key, r.replayed) for r in naga.received] == [
        ("delivery-7-1", False),
        ("delivery-7-1", True),
    ]


def test_an_older_version_is_a_conflict(api: httpx.Client, naga: Server) -> None:
    naga.edit("NAGA-2026-004110", refinedCategory="Pothole")
    answer = api.patch(
        "/reports/NAGA-2026-004110",
        json={"status": "Closed"},
        headers={"If-Unmodified-Since-Version": str(naga.get("NAGA-2026-004110")["version"] - 1)},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    "body", [{"status": "Under Review"}, {"status": None}, {}, {"note": "x" * 2001}]
)
def test_a_body_outside_the_contract_is_invalid(api: httpx.Client, body: dict) -> None:
    answer = api.patch("/reports/NAGA-2026-004110", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_an_unknown_report_is_not_found(api: httpx.Client) -> None:
    for answer in (api.get("/reports/X-1"), api.patch("/reports/X-1", json={"status": "Closed"})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_withdrawn_report_stays_listed(naga: Server, api: httpx.Client) -> None:
    naga.upstream.reports.withdraw("NAGA-2026-004101")
    assert api.get("/reports/NAGA-2026-004101").json()["deleted"] is True
    assert "NAGA-2026-004101" in {report["id"] for report in read_all(api, limit=500)}


def test_photos_are_real_pictures(api: httpx.Client) -> None:
    shown = next(a for r in read_all(api, limit=500) for a in r["attachments"])
    picture = httpx.get(shown["url"])
    assert picture.headers["Content-Type"] == shown["contentType"]
    assert len(picture.content) == shown["size"]


def test_the_address_of_a_report_leads_to_a_page_that_shows_its_status(
    naga: Server, api: httpx.Client
) -> None:
    naga.edit("NAGA-2026-004101", status="For Rerouting", description="<b>Lubak</b>")
    page = httpx.get(api.get("/reports/NAGA-2026-004101").json()["url"]).text
    assert "For Rerouting" in page
    assert "&lt;b&gt;Lubak" in page


def test_the_observed_shape_is_a_bare_list_and_takes_the_raw_token(naga: Server) -> None:
    address = f"{naga.url}/legacy/api/reports"
    rows = httpx.get(address, headers={"Authorization": naga.token}).json()
    assert len(rows) == 60
    assert {"_id", "control_number", "report_type", "report_cluster", "offices"} <= rows[0].keys()
    assert {type(row["offices"]) for row in rows} == {list, dict}
    assert httpx.get(address).json() == {"message": "Unauthenticated."}


def test_the_observed_shape_may_come_in_an_envelope(naga: Server) -> None:
    naga.upstream.legacy_shape = "data"
    bearer = {"Authorization": f"Bearer {naga.token}"}
    assert len(httpx.get(f"{naga.url}/legacy/api/reports", headers=bearer).json()["data"]) == 60


def test_its_reports_do_not_look_alike(api: httpx.Client) -> None:
    reports = read_all(api, limit=500)
    assert len({report["description"] for report in reports}) > 55
    assert len({report["barangay"] for report in reports}) > 10
    assert len({report["category"] for report in reports}) == 10
    known = {report["status"] for report in reports}
    assert len(known) > 3
    assert known <= STATUSES
