"""Every way of paging, signing in and asking for what changed, against small fakes."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.engines import against, answer, declared, ids_of
from webapp.core.errors import RemoteError
from webapp.sync.connectors.declaration import Declaration, parse
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.pacing import Pace

RECORDS = [{"id": f"r{number}", "title": "t"} for number in range(5)]
Handler = Callable[[httpx.Request], httpx.Response]


def numbered(request: httpx.Request) -> httpx.Response:
    page, size = int(request.url.params["page"]), int(request.url.params["n"])
    return answer(RECORDS[(page - 1) * size : page * size])


def by_offset(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params["offset"])
    return answer({"data": RECORDS[start : start + 2]})


def by_cursor(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params.get("c", "0"))
    more = start + 2 < len(RECORDS)
    return answer(
        {"data": RECORDS[start : start + 2], "meta": {"next": start + 2 if more else None}}
    )


def by_link_header(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params.get("at", "0"))
    more = (
        {"link": f'</base/list?at={start + 2}>; rel="next", </>; rel="first"'}
        if start + 2 < len(RECORDS)
        else {}
    )
    return answer(RECORDS[start : start + 2], **more)


def by_link_in_body(request: httpx.Request) -> httpx.Response:
    start = int(request.url.params.get("at", "0"))
    more = f"https://city.example/base/list?at={start + 2}" if start + 2 < len(RECORDS) else None
    return answer({"data": RECORDS[start : start + 2], "next": more})


WAYS = [
    ("{kind: none}", lambda request: answer(RECORDS), 1),
    ("{kind: page_number, size_param: n, size: 2}", numbered, 4),
    ("{kind: page_number, size_param: n, size: 2, ends: short}", numbered, 3),
    ("{kind: offset}", by_offset, 4),
    ("{kind: cursor, param: c, next: meta.next}", by_cursor, 3),
    ("{kind: link}", by_link_header, 3),
    ("{kind: link, next: next}", by_link_in_body, 3),
]


@pytest.mark.parametrize(("paging", "handler", "pages"), WAYS)
def test_every_record_is_read_and_every_position_goes_on(
    paging: str, handler: Handler, pages: int
) -> None:
    engine = against(declared(paging), handler)
    found = list(engine.pages())
    assert [item for page in found for item in page.items] == RECORDS
    assert len(found) == pages
    for number, page in enumerate(found[:-1], start=1):
        saved = json.loads(json.dumps(page.position))
        rest = [
            item
            for later in against(declared(paging), handler).pages(saved)
            for item in later.items
        ]
        assert rest == [item for later in found[number:] for item in later.items]


def test_a_page_is_fetched_only_when_it_is_asked_for() -> None:
    calls: list[str] = []

    def noting(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url))
        return by_cursor(request)

    pages = against(declared(WAYS[4][0]), noting).pages()
    next(pages)
    assert len(calls) == 1


REST = """
name: small
title: Small
shapes:
  - name: only
    title: Only
    auth: [{kind: none}]
    list: {path: /list, items: [""], paging: [{kind: page_number}], incremental: [{kind: full}]}
    record: {id: id}
    fields: {title: title}
"""


def stuck(handler: Handler, paging: str) -> RemoteError:
    pages = against(declared(paging), handler).pages()
    with pytest.raises(RemoteError) as caught:
        list(itertools.islice(pages, 100))
    return caught.value


@pytest.mark.parametrize(
    ("paging", "handler"),
    [
        ("{kind: page_number}", lambda request: answer(RECORDS)),
        ("{kind: offset}", lambda request: answer(RECORDS)),
        (
            "{kind: cursor, param: c, next: next}",
            lambda request: answer({"data": [], "next": "same"}),
        ),
        (
            "{kind: cursor, param: c, next: next}",
            lambda request: answer(
                {"data": RECORDS, "next": request.url.params.get("c", "") + "x"}
            ),
        ),
        (
            "{kind: cursor, param: c, next: next}",
            lambda request: answer({"data": [], "next": request.url.params.get("c", "") + "x"}),
        ),
        ("{kind: link}", lambda request: answer([], link='</base/list>; rel="next"')),
    ],
)
def test_paging_that_does_not_get_on_is_endless(paging: str, handler: Handler) -> None:
    error = stuck(handler, paging)
    assert error.kind == "endless"
    assert error.advice


def test_a_counter_that_runs_does_not_hide_a_repeated_page() -> None:
    views = itertools.count()
    declaration = parse(REST.replace("record: {id: id}", "record: {id: id, volatile: [views]}"))
    engine = against(declaration, lambda request: answer([{"id": "1", "views": next(views)}]))
    with pytest.raises(RemoteError) as caught:
        list(itertools.islice(engine.pages(), 100))
    assert caught.value.kind == "endless"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/list?at=2",
        "http://city.example/base/list?at=2",
        "https://city.example:8443/base/list",
        "https://city.example.evil.example/",
        "//evil.example/list",
        "https://city.example@evil.example/",
        "file:///etc/passwd",
    ],
)
def test_a_next_link_to_another_origin_is_not_followed(link: str) -> None:
    called: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        called.append(request)
        return answer({"data": RECORDS, "next": link})

    error = stuck(handler, "{kind: link, next: next}")
    assert error.kind in ("redirect", "blocked")
    assert [request.url.host for request in called] == ["city.example"]


def test_a_cursor_that_must_be_there_and_is_not_fails_the_walk() -> None:
    error = stuck(
        lambda request: answer({"data": RECORDS}),
        "{kind: cursor, param: c, next: next, required: true}",
    )
    assert error.kind == "wrong_shape"


@pytest.mark.parametrize("value", [{"records": []}, {}, "text", 3, None, {"data": {"id": 1}}])
def test_an_unexpected_envelope_is_never_an_empty_list(value: Any) -> None:
    assert stuck(lambda request: answer(value), "{kind: none}").kind == "wrong_shape"


def test_rows_that_are_no_objects_stay_in_the_page_for_quarantine() -> None:
    (page,) = against(
        declared("{kind: none}"), lambda request: answer([None, 3, {"id": 1}])
    ).pages()
    assert page.items == [None, 3, {"id": 1}]


SINCE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def parameters(
    incremental: str, *, since: datetime | None, paging: str = "{kind: none}"
) -> list[dict[str, str]]:
    seen: list[dict[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(dict(request.url.params))
        return answer([])

    ids_of(
        against(declared(paging, incremental), handler),
        since=since,
        until=SINCE + timedelta(days=1),
    )
    return seen


@pytest.mark.parametrize(
    ("incremental", "sent"),
    [
        ("{kind: full}", {}),
        ("{kind: updated_since, param: s}", {"s": "2026-11-20T10:00:00Z"}),
        ("{kind: updated_since, param: s, format: epoch}", {"s": "1795168800"}),
        (
            "{kind: created_window, from_param: a, to_param: b}",
            {"a": "2026-11-20T10:00:00Z", "b": "2026-11-21T10:00:00Z"},
        ),
        (
            "{kind: created_window, from_param: a, to_param: b, format: date}",
            {"a": "2026-11-20", "b": "2026-11-22"},
        ),
    ],
)
def test_what_changed_is_asked_for_in_the_declared_way(
    incremental: str, sent: dict[str, str]
) -> None:
    assert parameters(incremental, since=SINCE) == [sent]


@pytest.mark.parametrize(
    "incremental", ["{kind: updated_since, param: s}", "{kind: created_window, from_param: a}"]
)
def test_the_first_pull_sends_no_filter_at_all(incremental: str) -> None:
    assert parameters(incremental, since=None) == [{}]


def _utc(text: str) -> datetime:
    return (
        datetime.fromisoformat(text)
        if "T" in text
        else datetime.fromisoformat(text).replace(tzinfo=UTC)
    )


def timeline(moments: list[datetime], cap: int) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        start = request.url.params.get("a")
        end = request.url.params.get("b")
        found = [
            {"id": str(number)}
            for number, moment in enumerate(moments)
            if (not start or moment >= _utc(start)) and (not end or moment <= _utc(end))
        ]
        return answer(found[:cap])

    return handler


WINDOW = "{kind: window, from_param: a, to_param: b, first_days: 30, saturated_at: [10], earliest: '2026-01-01'}"


def test_slices_shrink_where_much_happened_and_nothing_is_lost() -> None:
    busy = [SINCE - timedelta(minutes=number) for number in range(60)]
    quiet = [SINCE - timedelta(days=5 * number + 2) for number in range(50)]
    engine = against(declared(WINDOW), timeline(busy + quiet, cap=10))
    assert set(ids_of(engine, until=SINCE)) == {str(number) for number in range(110)}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 300 * 86_400), max_size=60, unique=True),
    st.integers(0, 299),
    st.sampled_from(["iso_z", "date"]),
)
def test_slices_leave_out_nothing_whenever_it_happened(
    seconds: list[int], days: int, form: str
) -> None:
    moments = [SINCE - timedelta(seconds=each) for each in seconds]
    since = SINCE - timedelta(days=days)
    shortest, cap = (86_400, 70) if form == "date" else (1, 10)
    window = WINDOW.replace("[10]", f"[{cap}]").replace(
        "}", f", format: {form}, min_seconds: {shortest}}}"
    )
    incremental = f"{{kind: created_window, from_param: a, to_param: b, format: {form}}}"
    found = ids_of(
        against(declared(window, incremental), timeline(moments, cap=cap)), since=since, until=SINCE
    )
    assert {str(n) for n, moment in enumerate(moments) if moment >= since} <= set(found)


def test_a_list_that_fits_into_one_answer_is_not_sliced() -> None:
    engine = against(declared(WINDOW), timeline([SINCE] * 9, cap=10))
    assert len(list(engine.pages(until=SINCE))) == 1


def test_an_answer_that_is_too_large_is_asked_for_in_smaller_slices() -> None:
    moments = [SINCE - timedelta(days=number) for number in range(40)]
    whole = timeline(moments, cap=1000)

    def handler(request: httpx.Request) -> httpx.Response:
        response = whole(request)
        return (
            response
            if len(json.loads(response.content)) <= 5
            else httpx.Response(200, content=b"x" * 11_000_000)
        )

    engine = against(declared(WINDOW.replace("[10]", "[]")), handler)
    assert set(ids_of(engine, until=SINCE)) == {str(number) for number in range(40)}


def test_a_sample_of_a_list_too_large_for_one_answer_is_its_newest_part() -> None:
    whole = timeline([datetime.now(UTC) - timedelta(days=1)], cap=1000)

    def handler(request: httpx.Request) -> httpx.Response:
        return (
            whole(request)
            if "a" in request.url.params
            else httpx.Response(200, content=b"x" * 11_000_000)
        )

    assert against(declared(WINDOW), handler).sample().items == [{"id": "0"}]


def signed(auth: str, secret: str) -> httpx.Request:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer([])

    ids_of(against(_with_auth(auth), handler, secret=secret))
    return seen[0]


def _with_auth(auth: str) -> Declaration:
    return parse(f"""
name: small
title: Small
shapes:
  - name: only
    title: Only
    auth: [{auth}]
    list: {{path: /list, items: [""], paging: [{{kind: none}}], incremental: [{{kind: full}}]}}
    record: {{id: id}}
    fields: {{title: title}}
""")


def test_each_way_of_signing_in_puts_the_secret_in_its_place() -> None:
    assert signed("{kind: bearer}", "s3").headers["authorization"] == "Bearer s3"
    assert signed("{kind: header, name: Authorization}", "s3").headers["authorization"] == "s3"
    assert signed("{kind: header, name: X-Key, prefix: 'k '}", "s3").headers["x-key"] == "k s3"
    assert signed("{kind: query, name: api_key}", "s&3").url.params["api_key"] == "s&3"
    assert signed("{kind: basic}", "me:s3").headers["authorization"] == "Basic bWU6czM="


@pytest.mark.parametrize("auth", ["{kind: none}", "{kind: bearer}"])
def test_without_a_secret_or_a_need_nothing_is_sent(auth: str) -> None:
    request = signed(auth, "" if "bearer" in auth else "s3")
    assert "authorization" not in request.headers
    assert "s3" not in str(request.url)


def test_the_secret_stays_out_of_every_error() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500, content=b"{}")

    with pytest.raises(RemoteError) as caught:
        ids_of(against(_with_auth("{kind: query, name: api_key}"), handler, secret="canary"))
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in str(error)
        error = error.__cause__ or error.__context__


def test_a_secret_that_the_upstream_repeats_is_kept_nowhere() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        said = {"id": "1", "title": f"sent with {request.headers['authorization']}"}
        return answer([said], **{"x-echo": request.headers["authorization"]})

    (page,) = against(_with_auth("{kind: bearer}"), echo, secret="canary-token").pages()
    assert page.items == [{"id": "1", "title": "sent with Bearer [hidden]"}]

    def refusing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, content=request.headers["authorization"].encode())

    with pytest.raises(RemoteError) as caught:
        ids_of(against(_with_auth("{kind: basic}"), refusing, secret="me:canary-token"))
    assert caught.value.body == b"Basic [hidden]"


def test_calls_are_paced_as_declared() -> None:
    waits: list[float] = []
    engine = against(declared("{kind: page_number, size_param: n, size: 2}"), numbered)
    engine.caller.pace = Pace(60, sleep=waits.append)
    ids_of(engine)
    assert len(waits) == 3
    assert all(0.5 < wait <= 1 for wait in waits)


PUSHING = """
name: small
title: Small
shapes:
  - name: only
    title: Only
    auth: [{kind: bearer}]
    list: {path: /list, items: [""], paging: [{kind: none}], incremental: [{kind: full}]}
    errors: [{path: error, kind: rejected, message: They refuse it.}]
    record: {id: id}
    fields: {title: title}
    push:
      status:
        title: Status
        fields: [status]
        method: POST
        path: "/r/{id}/status"
        body: {to: "{status}", by: {key: "{idempotency_key}", note: "{note}"}}
        duplicate: [{status: 400, contains: duplicate}]
        answer: [""]
"""


def pushed(handler: Handler) -> Any:
    engine: Engine = against(parse(PUSHING), handler, secret="s3")
    return engine.push("status", "7", {"status": "closed"}, idempotency_key="1-1")


def test_a_push_fills_its_template_and_leaves_out_what_is_not_there() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    answered = pushed(handler)
    assert json.loads(seen[0].content) == {"to": "closed", "by": {"key": "1-1"}}
    assert str(seen[0].url) == "https://city.example/base/r/7/status"
    assert (answered.status, answered.record, answered.warning) == (204, None, "")


def test_an_answer_that_says_duplicate_is_a_success() -> None:
    answered = pushed(lambda request: httpx.Response(400, content=b'{"m": "Duplicate request"}'))
    assert answered.duplicate


def test_another_400_is_rejected_with_its_answer() -> None:
    with pytest.raises(RemoteError) as caught:
        pushed(lambda request: httpx.Response(400, content=b'{"m": "no such status"}'))
    assert (caught.value.kind, caught.value.body) == ("rejected", b'{"m": "no such status"}')


def test_a_change_that_went_through_with_an_unreadable_answer_is_sent_with_a_warning() -> None:
    answered = pushed(lambda request: httpx.Response(200, content=b"<html>thanks</html>"))
    assert answered.record is None
    assert answered.warning


def test_an_error_inside_a_200_is_no_success() -> None:
    with pytest.raises(RemoteError, match="They refuse it"):
        pushed(lambda request: answer({"error": "locked"}))


@pytest.mark.parametrize(
    "content",
    [
        httpx.Response(200, content=b"x" * 11_000_000),
        httpx.Response(200, headers={"content-encoding": "br"}, stream=httpx.ByteStream(b"x")),
    ],
)
def test_a_change_whose_answer_cannot_be_taken_in_is_sent_with_a_warning(
    content: httpx.Response,
) -> None:
    answered = pushed(lambda request: content)
    assert (answered.status, answered.record) == (200, None)
    assert answered.warning


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 12),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "9999999999"}, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "12"}, None),
        ({}, None),
    ],
)
def test_a_quota_that_is_used_up_is_waited_for(
    headers: dict[str, str], waited: float | None
) -> None:
    waits: list[float] = []
    pace = Pace(None, sleep=waits.append, clock=lambda: 100.0)
    pace.wait()
    pace.note(headers)
    pace.wait()
    assert waits == ([] if waited is None else [waited])
