"""The demo TUNICLAIM speaks upstreams/tuniclaim.openapi.yaml; the tests of claims lean on that."""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.fakes.upstreams import Fault, Server, tuniclaim_server

FIRST = 100_181
ARABIC = re.compile("[\u0600-\u06ff]")
AMOUNT = re.compile(r"\d+\.\d{3}")


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
def tuni(clock: Clock) -> Iterator[Server]:
    with tuniclaim_server(bordereaux=12, clock=clock) as server:
        yield server


@pytest.fixture
def api(tuni: Server) -> Iterator[httpx.Client]:
    with client(tuni) as found:
        yield found


def client(tuni: Server, path: str = "/api", **headers: str) -> httpx.Client:
    sent = {"X-API-Key": tuni.token, **headers}
    return httpx.Client(base_url=tuni.url + path, headers=sent, trust_env=False, timeout=60)


def exact(answer: httpx.Response) -> Any:
    """JSON read as money must be: a fraction is a Decimal, never a float."""
    return json.loads(answer.text, parse_float=Decimal)


def listed(api: httpx.Client, **params: object) -> list[dict]:
    rows: list[dict] = []
    while True:
        page = exact(api.get("/bordereaux", params={**params, "page": len(rows) // 200}))
        rows += page["content"]
        if page["last"]:
            return rows


def bulletins(api: httpx.Client, bordereau: int) -> list[dict]:
    return exact(api.get(f"/bordereaux/{bordereau}/bulletins"))


def one_in(tuni: Server, status: str, **fields: Any) -> tuple[int, int]:
    """A bordereau of one bulletin that has this status."""
    made = tuni.add(bulletins=0)
    bulletin = tuni.upstream.claims.add_bulletin(made["id"], status=status, **fields)
    return made["id"], bulletin["id"]


# Reading


def test_bordereaux_come_once_in_order_of_update_and_id(api: httpx.Client) -> None:
    rows = [
        row
        for page in range(4)
        for row in api.get("/bordereaux", params={"size": 3, "page": page}).json()["content"]
    ]
    keys = [(datetime.fromisoformat(row["updatedAt"]), row["id"]) for row in rows]
    assert keys == sorted(keys)
    assert {row["id"] for row in rows} == set(range(FIRST, FIRST + 12))


def test_a_page_says_where_it_stands(api: httpx.Client) -> None:
    page = api.get("/bordereaux", params={"size": 5, "page": 1}).json()
    told = {name: page[name] for name in page if name != "content"}
    assert told == {"number": 1, "size": 5, "totalElements": 12, "totalPages": 3, "last": False}
    beyond = api.get("/bordereaux", params={"size": 5, "page": 9}).json()
    assert (beyond["content"], beyond["last"]) == ([], True)


def test_a_size_above_two_hundred_is_two_hundred() -> None:
    with tuniclaim_server(bordereaux=230, bulletins=0) as tuni, client(tuni) as api:
        page = api.get("/bordereaux", params={"size": 5000}).json()
        assert (len(page["content"]), page["size"], page["totalPages"]) == (200, 200, 2)


@pytest.mark.parametrize(
    "params",
    [{"size": "0"}, {"size": "many"}, {"page": "-1"}, {"page": "²"}, {"updatedSince": "yesterday"}],
)
def test_parameters_out_of_bounds_are_refused(api: httpx.Client, params: dict) -> None:
    answer = api.get("/bordereaux", params=params)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_updated_since_includes_its_own_moment(
    tuni: Server, api: httpx.Client, clock: Clock
) -> None:
    clock.pass_(minutes=1)
    changed = tuni.edit(FIRST, status="EN_COURS")
    (found,) = listed(api, updatedSince=changed["updatedAt"])
    assert found["id"] == FIRST
    later = datetime.fromisoformat(changed["updatedAt"]) + timedelta(milliseconds=1)
    assert listed(api, updatedSince=later.isoformat()) == []


def test_a_change_while_paging_shifts_the_pages_behind_it(
    tuni: Server, api: httpx.Client, clock: Clock
) -> None:
    def page(number: int) -> list[int]:
        found = api.get("/bordereaux", params={"size": 4, "page": number}).json()["content"]
        return [row["id"] for row in found]

    first, second, third = page(0), page(1), page(2)
    clock.pass_(minutes=1)
    tuni.edit(first[0], receivedOn="2026-11-01")
    assert page(1) == [*second[1:], third[0]]  # who now asks for page 1 never sees second[0]
    assert page(2) == [*third[1:], first[0]]


def test_a_bulletin_that_changes_changes_its_bordereau(
    tuni: Server, api: httpx.Client, clock: Clock
) -> None:
    bordereau, bulletin = one_in(tuni, "RECU")
    clock.pass_(minutes=5)
    tuni.upstream.claims.edit_bulletin(bulletin, status="EN_COURS")
    (row,) = listed(api, updatedSince=clock().isoformat())
    assert (row["id"], bulletins(api, bordereau)[0]["updatedAt"]) == (bordereau, row["updatedAt"])


def test_a_client_that_changes_gives_all_its_bordereaux_one_time(
    tuni: Server, api: httpx.Client, clock: Clock
) -> None:
    clock.pass_(minutes=5)
    tuni.upstream.claims.edit_client(2, email="new@nakhla.example")
    rows = listed(api, updatedSince=clock().isoformat())
    assert [row["client"]["email"] for row in rows] == ["new@nakhla.example"] * 2
    assert len({row["updatedAt"] for row in rows}) == 1


def test_every_amount_is_exact_and_some_are_json_numbers(api: httpx.Client) -> None:
    kinds: Counter[type] = Counter()
    for row in listed(api):
        amounts = [row["total"], row["contract"]["ceiling"]]
        for bulletin in bulletins(api, row["id"]):
            amounts.append(bulletin["total"])
            amounts += [item[n] for item in bulletin["items"] for n in ("amount", "reimbursed")]
            if bulletin["payment"]:
                amounts.append(bulletin["payment"]["amount"])
        assert all(AMOUNT.fullmatch(str(amount)) for amount in amounts)
        kinds.update(type(amount) for amount in amounts)
    assert kinds.keys() == {str, Decimal}
    assert kinds[str] > kinds[Decimal] > 10


def test_a_number_too_long_for_a_float_is_sent_as_written(tuni: Server, api: httpx.Client) -> None:
    bordereau, bulletin = one_in(tuni, "RECU")
    tuni.upstream.claims.edit_bulletin(bulletin, total=Decimal("90071992547.991"))
    assert '"total": 90071992547.991' in api.get(f"/bordereaux/{bordereau}/bulletins").text


def test_count_and_total_are_those_of_the_bulletins(tuni: Server, api: httpx.Client) -> None:
    tuni.upstream.claims.add_bulletin(FIRST)
    for row in listed(api):
        inside = bulletins(api, row["id"])
        assert row["bulletinCount"] == len(inside)
        assert Decimal(row["total"]) == sum(Decimal(bulletin["total"]) for bulletin in inside)


def test_it_carries_three_flaws_and_no_others(tuni: Server, api: httpx.Client) -> None:
    inside = [bulletin for row in listed(api) for bulletin in bulletins(api, row["id"])]
    wrong = [
        b for b in inside if Decimal(b["total"]) != sum(Decimal(i["amount"]) for i in b["items"])
    ]
    future = [b for b in inside if date.fromisoformat(b["careDate"]) > date(2026, 11, 20)]
    numbers = Counter(b["number"] for b in inside)
    twins = [b for b in inside if numbers[b["number"]] > 1]
    assert [len(wrong), len(future), len(twins)] == [1, 1, 2]
    same = ("member", "careDate", "total", "items")
    assert [twins[0][n] for n in same] == [twins[1][n] for n in same]
    assert twins[0]["id"] != twins[1]["id"]


def test_french_and_arabic_stand_side_by_side(api: httpx.Client) -> None:
    rows = listed(api)
    inside = [bulletin for row in rows for bulletin in bulletins(api, row["id"])]
    members = {b["member"]["lastName"] for b in inside}
    items = [item for b in inside for item in b["items"]]
    for texts in (
        {row["client"]["name"] for row in rows},
        members,
        {item["label"] for item in items},
        {item["provider"] for item in items},
    ):
        assert 0 < len([text for text in texts if ARABIC.search(text)]) < len(texts)
    assert 50 <= len(inside) <= 80
    assert {row["client"]["id"] for row in rows} == set(range(1, 7))


def test_it_looks_as_the_contract_says(api: httpx.Client) -> None:
    row = listed(api)[-1]
    assert row.keys() == {
        "id", "reference", "client", "contract", "receivedOn", "status", "bulletinCount", "total",
        "updatedAt",
    }  # fmt: skip
    assert row["client"].keys() == {"id", "code", "name", "email"}
    assert row["contract"].keys() == {"id", "number", "startsOn", "endsOn", "ceiling"}
    assert re.fullmatch(r"BRD-20\d\d-\d{5}", row["reference"])
    bulletin = bulletins(api, row["id"])[0]
    assert bulletin.keys() == {
        "id", "number", "member", "beneficiary", "careDate", "status", "rejectionReason", "items",
        "total", "payment", "updatedAt",
    }  # fmt: skip
    assert bulletin["items"][0].keys() == {"code", "label", "provider", "amount", "reimbursed"}
    assert re.fullmatch(r"BS-20\d\d-\d{7}", bulletin["number"])


def test_the_same_seed_gives_the_same_claims(clock: Clock, api: httpx.Client) -> None:
    with tuniclaim_server(bordereaux=12, clock=clock) as other, client(other) as again:
        assert listed(again) == listed(api)
        assert bulletins(again, FIRST + 7) == bulletins(api, FIRST + 7)


def test_an_unknown_bordereau_has_no_bulletins(api: httpx.Client) -> None:
    answer = api.get("/bordereaux/7/bulletins")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


# Keys


@pytest.mark.parametrize("key", ["nobody-knows-it", ""])
def test_a_wrong_key_is_refused_everywhere(tuni: Server, key: str) -> None:
    with client(tuni, "", **{"X-API-Key": key}) as stranger:
        for path in (
            "/api/bordereaux",
            f"/api/bordereaux/{FIRST}/bulletins",
            "/legacy/api/bordereaux",
        ):
            assert stranger.get(path).status_code == 401
        for what in ("status", "payment"):
            put = stranger.put(f"/api/bordereaux/{FIRST}/{what}", json={"status": "PAYE"})
            assert put.status_code == 401
    assert tuni.received == []


def test_no_key_is_enough_only_where_none_is_required(tuni: Server) -> None:
    address = f"{tuni.url}/api/bordereaux"
    assert httpx.get(address).status_code == 401
    tuni.upstream.key_required = False
    assert httpx.get(address).status_code == 200
    assert httpx.get(address, headers={"X-API-Key": "wrong"}).status_code == 401


def test_a_revoked_key_is_refused(tuni: Server, api: httpx.Client) -> None:
    tuni.trouble("revoked")
    assert api.get("/bordereaux").json()["error"]["code"] == "key_revoked"


# Statuses


def put_status(api: httpx.Client, bordereau: int, **body: Any) -> httpx.Response:
    return api.put(f"/bordereaux/{bordereau}/status", json=body)


def test_a_bulletin_goes_its_way_step_by_step(tuni: Server, api: httpx.Client) -> None:
    bordereau, bulletin = one_in(tuni, "RECU")
    for status in ("EN_COURS", "REJETE", "EN_COURS", "VALIDE", "PAYE"):
        answer = put_status(api, bordereau, bulletinId=bulletin, status=status)
        assert answer.json() == {"id": bordereau, "bulletinId": bulletin, "status": status}
        assert bulletins(api, bordereau)[0]["status"] == status


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ("RECU", "VALIDE"),
        ("RECU", "PAYE"),
        ("EN_COURS", "RECU"),
        ("REJETE", "PAYE"),
        ("PAYE", "VALIDE"),
    ],
)
def test_a_move_that_is_not_allowed_is_a_conflict_and_changes_nothing(
    tuni: Server, api: httpx.Client, present: str, wanted: str
) -> None:
    bordereau, bulletin = one_in(tuni, present)
    answer = put_status(api, bordereau, bulletinId=bulletin, status=wanted, requestId="d-1")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "not_allowed"
    assert answer.json()["presentStatus"] == present
    assert bulletins(api, bordereau)[0]["status"] == present


def test_a_bordereau_has_steps_of_its_own(tuni: Server, api: httpx.Client) -> None:
    bordereau = tuni.add(bulletins=1)["id"]
    for status in ("SCANNE", "EN_COURS", "TRAITE", "VALIDE", "CLOTURE"):
        assert put_status(api, bordereau, status=status, bulletinId=None).status_code == 200
        assert tuni.get(bordereau)["status"] == status
    assert put_status(api, bordereau, status="EN_COURS").status_code == 409
    assert bulletins(api, bordereau)[0]["status"] == "RECU"


def test_a_status_that_stands_already_is_no_change(
    tuni: Server, api: httpx.Client, clock: Clock
) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    before = tuni.get(bordereau)["updatedAt"]
    clock.pass_(minutes=1)
    assert put_status(api, bordereau, bulletinId=bulletin, status="VALIDE").status_code == 200
    assert tuni.get(bordereau)["updatedAt"] == before


def test_a_rejection_keeps_its_reason_until_it_is_taken_back(
    tuni: Server, api: httpx.Client
) -> None:
    bordereau, bulletin = one_in(tuni, "EN_COURS")
    why = "الوصفة الطبية ناقصة"
    put_status(api, bordereau, bulletinId=bulletin, status="REJETE", reason=why)
    assert bulletins(api, bordereau)[0]["rejectionReason"] == why
    put_status(api, bordereau, bulletinId=bulletin, status="EN_COURS")
    assert bulletins(api, bordereau)[0]["rejectionReason"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "TRAITE"},
        {"status": "Resolved"},
        {"status": None},
        {"status": "EN_COURS", "bulletinId": "one"},
        {"status": "EN_COURS", "bulletinId": True},
        {"status": "EN_COURS", "reason": 7},
        {"status": "EN_COURS", "reason": "x" * 501},
        {"status": "EN_COURS", "changedAt": "today"},
        {"status": "EN_COURS", "requestId": ""},
        {"status": "EN_COURS", "requestId": 7},
    ],
)
def test_a_status_outside_the_contract_is_invalid(
    tuni: Server, api: httpx.Client, body: dict
) -> None:
    bordereau, bulletin = one_in(tuni, "RECU")
    answer = put_status(api, bordereau, **{"bulletinId": bulletin, **body})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert bulletins(api, bordereau)[0]["status"] == "RECU"


def test_a_body_that_is_no_object_is_invalid(api: httpx.Client) -> None:
    for content in (b"[1]", b"{", b"", b"[" * 100_000):
        assert api.put(f"/bordereaux/{FIRST}/status", content=content).status_code == 422


def test_what_is_not_there_is_not_found(tuni: Server, api: httpx.Client) -> None:
    _, elsewhere = one_in(tuni, "RECU")
    for bordereau, bulletin in ((7, None), (FIRST, 7), (FIRST, elsewhere)):
        for what in ("status", "payment"):
            body = {"bulletinId": bulletin, "status": "EN_COURS"}
            answer = api.put(f"/bordereaux/{bordereau}/{what}", json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_repeated_request_changes_nothing_and_gets_the_first_answer(
    tuni: Server, api: httpx.Client
) -> None:
    bordereau, bulletin = one_in(tuni, "RECU")
    body = {"bulletinId": bulletin, "status": "EN_COURS", "requestId": "delivery-7-1"}
    first = put_status(api, bordereau, **body).json()
    tuni.upstream.claims.edit_bulletin(bulletin, status="VALIDE")
    assert put_status(api, bordereau, **body).json() == first
    assert bulletins(api, bordereau)[0]["status"] == "VALIDE"
    assert [(r.key, r.status, r.replayed) for r in tuni.received] == [
        ("delivery-7-1", 200, False),
        ("delivery-7-1", 200, True),
    ]


def test_a_refusal_is_not_kept_so_that_the_same_request_may_succeed_later(
    tuni: Server, api: httpx.Client
) -> None:
    bordereau, bulletin = one_in(tuni, "RECU")
    body = {"bulletinId": bulletin, "status": "VALIDE", "requestId": "delivery-8-1"}
    assert put_status(api, bordereau, **body).status_code == 409
    tuni.upstream.claims.edit_bulletin(bulletin, status="EN_COURS")
    assert put_status(api, bordereau, **body).status_code == 200


# Payments


def pay(api: httpx.Client, bordereau: int, bulletin: int | None, **body: Any) -> httpx.Response:
    sent = {"bulletinId": bulletin, "status": "PAYE", "paidAt": "2026-11-19", **body}
    return api.put(f"/bordereaux/{bordereau}/payment", json=sent)


def owed(api: httpx.Client, bordereau: int) -> str:
    items = [item for b in bulletins(api, bordereau) for item in b["items"]]
    return str(sum(Decimal(item["reimbursed"]) for item in items))


def test_a_payment_is_kept_as_it_was_sent_and_pays_the_bulletin(
    tuni: Server, api: httpx.Client
) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    amount = owed(api, bordereau)
    for status in ("EN_ATTENTE", "PLANIFIE", "EN_COURS"):
        assert pay(api, bordereau, bulletin, status=status, paidAt=None).status_code == 200
    answer = pay(api, bordereau, bulletin, amount=amount, virementReference="VIR-9")
    (stands,) = bulletins(api, bordereau)
    assert stands["status"] == "PAYE"
    assert (
        stands["payment"]
        == answer.json()["payment"]
        == {
            "status": "PAYE",
            "amount": amount,
            "paidAt": "2026-11-19",
            "virementReference": "VIR-9",
        }
    )


def test_what_is_paid_is_not_paid_again_and_the_answer_says_what_was_paid(
    tuni: Server, api: httpx.Client
) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    pay(api, bordereau, bulletin, amount="1.250", virementReference="VIR-1")
    answer = pay(api, bordereau, bulletin, amount="2.500", virementReference="VIR-2")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_paid")
    assert answer.json()["payment"]["amount"] == "1.250"
    assert answer.json()["payment"]["virementReference"] == "VIR-1"
    assert bulletins(api, bordereau)[0]["payment"]["amount"] == "1.250"


def test_a_repeated_payment_pays_once(tuni: Server, api: httpx.Client) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    tuni.script(Fault("lost", method="PUT"))
    with pytest.raises(httpx.TransportError):
        pay(api, bordereau, bulletin, amount="1.250", requestId="p-1")
    again = pay(api, bordereau, bulletin, amount="1.250", requestId="p-1")
    assert (again.status_code, again.json()["payment"]["amount"]) == (200, "1.250")
    assert [r.replayed for r in tuni.received] == [False, True]


def test_two_equal_payments_at_one_moment_pay_once(tuni: Server) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    gate, answers = threading.Barrier(4), []

    def send() -> None:
        with client(tuni) as api:
            gate.wait()
            answers.append(pay(api, bordereau, bulletin, amount="1.250", requestId="p-1"))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(r.replayed for r in tuni.received) == [False, True, True, True]


@pytest.mark.parametrize("status", ["RECU", "EN_COURS", "REJETE"])
def test_only_what_is_validated_can_be_paid(tuni: Server, api: httpx.Client, status: str) -> None:
    bordereau, bulletin = one_in(tuni, status)
    answer = pay(api, bordereau, bulletin, amount="1.250")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_allowed")
    assert bulletins(api, bordereau)[0]["payment"] is None


@pytest.mark.parametrize("amount", ["0", "-1.250", "1.2505", "1,250", "", "1e3", "NaN", True, [1]])
def test_an_amount_that_is_none_is_invalid(tuni: Server, api: httpx.Client, amount: Any) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    assert pay(api, bordereau, bulletin, amount=amount).status_code == 422
    assert bulletins(api, bordereau)[0]["status"] == "VALIDE"


@pytest.mark.parametrize(
    "body",
    [
        {"status": "PAID"},
        {"amount": None},
        {"amount": "99999.000"},
        {"paidAt": "19/11/2026"},
        {"paidAt": 20261119},
        {"virementReference": 7},
        {"processedBy": ["Fina"]},
    ],
)
def test_a_payment_outside_the_contract_is_invalid(
    tuni: Server, api: httpx.Client, body: dict
) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    answer = pay(api, bordereau, bulletin, **{"amount": "1.250", **body})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert bulletins(api, bordereau)[0]["payment"] is None


def test_a_json_number_is_read_exactly(tuni: Server, api: httpx.Client) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE", total="99999999999.999")
    sent = f'{{"bulletinId": {bulletin}, "status": "PAYE", "amount": 90071992547.991}}'
    api.put(f"/bordereaux/{bordereau}/payment", content=sent)
    assert bulletins(api, bordereau)[0]["payment"]["amount"] == "90071992547.991"
    assert tuni.received[0].body["amount"] == "90071992547.991"


def test_a_whole_bordereau_is_paid_what_is_owed(tuni: Server, api: httpx.Client) -> None:
    bordereau, _ = one_in(tuni, "VALIDE")
    for status in ("VALIDE", "REJETE"):
        tuni.upstream.claims.add_bulletin(bordereau, status=status)
    amount = str(
        sum(
            Decimal(item["reimbursed"])
            for b in bulletins(api, bordereau)[:2]
            for item in b["items"]
        )
    )
    assert pay(api, bordereau, None, amount="1.000").status_code == 422
    answer = pay(api, bordereau, None, amount=amount)
    assert (answer.json()["bulletins"], answer.json()["payment"]["amount"]) == (2, amount)
    assert [b["status"] for b in bulletins(api, bordereau)] == ["PAYE", "PAYE", "REJETE"]
    again = pay(api, bordereau, None)
    assert (again.status_code, again.json()["payment"]["amount"]) == (409, amount)


# The observed profile


@pytest.fixture
def old(tuni: Server) -> Iterator[httpx.Client]:
    with client(tuni, "/legacy/api") as found:
        yield found


def test_the_observed_shape_is_one_list_with_the_bulletins_inside(
    tuni: Server, api: httpx.Client, old: httpx.Client
) -> None:
    rows = exact(old.get("/bordereaux"))
    assert len(rows) == 12
    for row in rows:
        assert {"reference", "client", "contract", "dateReception", "statut"} <= row.keys()
        assert row["nombreBS"] == len(row["bulletinsSoins"])
        theirs = {b["id"]: b for b in bulletins(api, row["id"])}
        for bs in row["bulletinsSoins"]:
            twin = theirs[bs["id"]]
            assert (bs["numBs"], bs["codeAssure"]) == (twin["number"], twin["member"]["matricule"])
            spent = [Decimal(item["depense"]) for item in bs["items"]]
            assert spent == [Decimal(item["amount"]) for item in twin["items"]]
    assert (
        exact(old.get(f"/bordereaux/{rows[0]['reference']}/bulletins")) == rows[0]["bulletinsSoins"]
    )


def test_its_numbers_are_text_or_numbers_and_its_words_its_own(old: httpx.Client) -> None:
    rows = exact(old.get("/bordereaux"))
    inside = [bs for row in rows for bs in row["bulletinsSoins"]]
    assert {type(bs["totalPec"]) for bs in inside} == {str, Decimal}
    assert {type(item["quantite"]) for bs in inside for item in bs["items"]} == {str, int}
    assert {bs["etat"] for bs in inside} == {
        "IN_PROGRESS",
        "EN_COURS",
        "VALIDATED",
        "REJECTED",
        "PAID",
    }
    assert {row["statut"] for row in rows} & {"EN_ATTENTE", "A_SCANNER"}


def test_it_may_come_in_an_envelope(tuni: Server, old: httpx.Client) -> None:
    tuni.upstream.legacy_shape = "bordereaux"
    assert len(old.get("/bordereaux").json()["bordereaux"]) == 12


def test_statuses_are_sent_in_its_words_and_compared_with_the_one_known(
    tuni: Server, api: httpx.Client, old: httpx.Client
) -> None:
    bordereau, bulletin = one_in(tuni, "EN_COURS")
    reference = tuni.get(bordereau)["reference"]
    number = bulletins(api, bordereau)[0]["number"]

    def put(**body: Any) -> httpx.Response:
        sent = {"bordereauId": reference, "bsId": number, "processedAt": "2026-11-20T08:00:00Z"}
        return old.put(f"/bordereaux/{reference}/status", json={**sent, **body})

    assert put(oldStatus="IN_PROGRESS", newStatus="VALIDATED").status_code == 409
    assert put(oldStatus="EN_COURS", newStatus="VALIDATED").status_code == 200
    assert tuni.upstream.claims.bulletin(bulletin)["status"] == "VALIDE"
    assert put(newStatus="FINISHED").status_code == 422
    assert put(bsId="BS-1", newStatus="VALIDATED").status_code == 404
    assert put(bsId=None, oldStatus="EN_ATTENTE", newStatus="SCANNE").status_code == 200
    assert tuni.get(bordereau)["status"] == "SCANNE"


def test_payments_are_sent_in_its_words(tuni: Server, old: httpx.Client) -> None:
    bordereau, bulletin = one_in(tuni, "VALIDE")
    body = {"bsId": bulletin, "paymentStatus": "PAID", "amount": 1.25, "virementReference": "VIR-3"}
    body["paymentDate"] = "2026-11-20T08:00:00.000Z"
    address = f"/bordereaux/{bordereau}/payment"
    assert old.put(address, json=body).json()["paymentStatus"] == "PAID"
    paid = tuni.upstream.claims.bulletin(bulletin)["payment"]
    assert (paid["amount"], paid["paidAt"]) == ("1.250", "2026-11-20")
    assert old.put(address, json=body).json()["error"]["code"] == "already_paid"


# Living, troubles, size


def test_it_lives(tuni: Server, api: httpx.Client, clock: Clock) -> None:
    def states() -> dict[int, str]:
        return {b["id"]: b["status"] for row in listed(api) for b in bulletins(api, row["id"])}

    before = states()
    for _ in range(60):
        clock.pass_(seconds=8)
        assert tuni.upstream.add()["id"]
        assert tuni.upstream.change_something()
    after = states()
    assert len(listed(api)) > 12
    assert len(after) - len(before) > 60
    assert [number for number in before if before[number] != after[number]]
    assert not [n for n in before if before[n] != "PAYE" and after[n] == "PAYE"], "we pay, not they"
    test_count_and_total_are_those_of_the_bulletins(tuni, api)


def test_endless_paging_never_ends(tuni: Server, api: httpx.Client) -> None:
    tuni.trouble("endless")
    pages = [api.get("/bordereaux", params={"size": 5, "page": n}).json() for n in (0, 1, 7)]
    assert [page["last"] for page in pages] == [False] * 3
    assert pages[0]["content"] == pages[1]["content"] == pages[2]["content"]


def test_ten_thousand_bulletins_in_one_bordereau_come_in_one_answer() -> None:
    with tuniclaim_server(bordereaux=1, bulletins=10_000) as tuni, client(tuni) as api:
        (row,) = listed(api)
        inside = bulletins(api, row["id"])
        assert row["bulletinCount"] == len({b["id"] for b in inside}) == 10_000
        assert Decimal(row["total"]) == sum(Decimal(b["total"]) for b in inside)
        tuni.upstream.claims.edit_bulletin(inside[-1]["id"], status="RECU")
        answer = put_status(api, row["id"], bulletinId=inside[-1]["id"], status="EN_COURS")
        assert answer.status_code == 200


def test_the_control_address_adds_and_shows_what_was_received(
    tuni: Server, api: httpx.Client
) -> None:
    put_status(api, FIRST + 11, status="SCANNE", requestId="d-1")
    control = f"{tuni.url}/_control"
    assert httpx.post(control, json={"do": "add"}).json()["done"]["id"]
    assert httpx.post(control, json={"do": "change"}).json()["done"]["id"]
    state = httpx.get(control).json()
    assert (state["kind"], state["records"] >= 12) == ("tuniclaim", True)
    (call,) = state["received"]
    assert (call["method"], call["record"], call["key"]) == ("PUT", f"{FIRST + 11}/status", "d-1")
    assert call["body"] == {"status": "SCANNE", "requestId": "d-1"}
