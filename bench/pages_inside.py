"""As bench.pages, in one process and in turn: desk, floor, desk, floor …, so that other load falls on both alike.

python -m bench.pages_inside --kept postgresql://…/some_database [--tickets 100000] [--requests 40]
    [--only create,ticket] [--profile FOLDER]

Standard output: for each page, CPU ms of this thread a request (least, and median), of the desk and of the floor, and
the quotients. No socket, no gunicorn: what both would add alike is left out, so quotients are higher than those of
bench.pages. `create`, `reply` (held) and `answer` (leaves at once) write into the kept database. `--profile`: the
desk's requests by cProfile instead, a file a page.
"""

from __future__ import annotations

import argparse
import cProfile
import html
import os
import re
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from bench import desk, pages_floor
from bench.pages_filled import EMAIL, PASSWORD, RARE, Place, filled
from webapp import create_app
from webapp.accounts import actions as accounts
from webapp.core import db
from webapp.core.settings import load
from webapp.events.types import SYSTEM

TEXT = "The lamp in front of the barangay hall has been dark for a week."
WRITES = ("create", "reply", "answer")
ACCEPTS = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", required=True, help="a database that stays; filled where empty")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--only", default="", help="pages, with commas between")
    parser.add_argument("--profile", default="", help="a folder for cProfile's files")
    chosen = parser.parse_args()
    only = chosen.only.split(",") if chosen.only else ()
    with tempfile.TemporaryDirectory() as folder, desk.own_desk(folder, kept=chosen.kept) as own:
        place = filled(own, chosen.tickets)
        os.environ.update(own.environ)
        app = create_app(load(os.environ))
        ours, bare = app.test_client(), pages_floor.create_app().test_client()
        asked = reads(ours, bare, place) | writes(ours, bare, signed_in(ours), place)
        for name, (of_desk, of_floor) in asked.items():
            if only and name not in only:
                continue
            then = partial(follow, ours) if name in WRITES else int
            holds_answers(app, 0 if name == "answer" else 15)
            for _ in range(3):
                answers = of_desk(), of_floor()
            assert answers in ((200, 200), (303, 303), (204, 304)), (name, answers)
            if chosen.profile:
                profile(Path(chosen.profile, f"{name}.prof"), of_desk, then, chosen.requests)
            else:
                compare(name, of_desk, of_floor, then, chosen.requests)


Ask = Callable[[], int]
Asked = dict[str, tuple[Ask, Ask]]  # page → how the desk is asked, how the floor is


def signed_in(ours: FlaskClient) -> str:
    """Its secret for forms."""
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": csrf_of(ours, "/login")}
    assert ours.post("/login", data=form).status_code == 303
    return csrf_of(ours, "/tickets/new")


def csrf_of(ours: FlaskClient, path: str) -> str:
    found = re.search(
        r'name="csrf_token"[^>]* value="([^"]+)"', ours.get(path).get_data(as_text=True)
    )
    assert found is not None
    return found[1]


def reads(ours: FlaskClient, bare: FlaskClient, place: Place) -> Asked:
    filters = urlencode({"status": "open", "category": place.category})
    asked = {
        "list": ("/tickets", "/list"),
        "filtered": (f"/tickets?{filters}", f"/filtered?{filters}"),
        "deep": (f"/tickets?after={place.after}", f"/deep?{urlencode(place.deep)}"),
        "search": (f"/tickets?q={RARE}", f"/search?q={RARE}"),
        "ticket": (f"/tickets/{place.thread}", f"/ticket?ref={place.thread}"),
    }
    pages: Asked = {
        name: (
            lambda address=address: ours.get(address, headers=ACCEPTS).status_code,  # type: ignore[misc]
            lambda of_floor=of_floor: bare.get(of_floor).status_code,  # type: ignore[misc]
        )
        for name, (address, of_floor) in asked.items()
    }

    @cache
    def poll() -> str:  # its address tells how far the pages before it are known
        return poll_of(ours)

    pages["poll"] = lambda: ours.get(poll()).status_code, lambda: bare.get("/poll").status_code
    return pages


def writes(ours: FlaskClient, bare: FlaskClient, csrf: str, place: Place) -> Asked:
    refs = iter(place.refs)

    def send(path: str, form: dict[str, str]) -> int:
        key = {"csrf_token": csrf, "submission_key": secrets.token_hex(16)}
        return ours.post(path, data=form | key, headers=ACCEPTS).status_code

    def answer() -> int:
        return send(f"/tickets/{next(refs)}/respond", {"body": TEXT, "mode": "answer"})

    def bare_answer() -> int:
        return bare.post(f"/reply?ref={next(refs)}", data={"body": TEXT}).status_code

    ticket = {"title": "Dark corner", "description": TEXT}
    return {
        "create": (
            lambda: send("/tickets/new", ticket | {"category": place.category}),
            lambda: bare.post("/create", data=ticket).status_code,
        ),
        "reply": (answer, bare_answer),
        "answer": (answer, bare_answer),
    }


def holds_answers(app: Flask, seconds: int) -> None:
    with app.app_context(), db.transaction():
        accounts.edit_desk(
            actor=SYSTEM, name="Bench", intro="", timezone="Asia/Manila", public_reports=True,
            undo_send_s=seconds,
        )  # fmt: skip


def follow(ours: FlaskClient) -> int:
    """Where an answer leads: without it, what is said on the next page would pile up in the session's cookie."""
    return ours.get("/tickets/new").status_code


def poll_of(ours: FlaskClient) -> str:
    """The address that the page of the list polls, from the newest on."""
    while True:
        found = re.search(r'data-poll="([^"]+)"', ours.get("/tickets").get_data(as_text=True))
        assert found is not None
        address = html.unescape(found[1])
        if ours.get(address).status_code == 204:
            return address
        time.sleep(0.1)  # the hub has just begun


def profile(file: Path, of_desk: Ask, then: Ask, requests: int) -> None:
    profiler = cProfile.Profile(time.thread_time)
    for _ in range(requests):
        profiler.runcall(of_desk)
        then()
    profiler.dump_stats(file)


def compare(name: str, of_desk: Ask, of_floor: Ask, then: Ask, requests: int) -> None:
    """`then`: what a browser asks for next; not measured."""
    took = []
    for _ in range(requests):
        took.append((cpu(of_desk), cpu(of_floor)))
        then()
    words = [name]
    for how in (min, statistics.median):
        ours, floor = how(each[0] for each in took), how(each[1] for each in took)
        words.append(f"{how.__name__}: desk {ours:.2f} floor {floor:.2f}, {ours / floor:.1f} times")
    print("; ".join(words), flush=True)


def cpu(ask: Ask) -> float:
    start = time.thread_time()
    ask()
    return (time.thread_time() - start) * 1000


if __name__ == "__main__":
    main()
