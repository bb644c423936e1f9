"""As bench.pages, in one process and in turn: desk, floor, desk, floor …, so that other load falls on both alike.

python -m bench.pages_inside --kept postgresql://…/some_database [--tickets 100000] [--requests 40]

Standard output: for each page, CPU ms of this thread a request (least, and median), of the desk and of the floor, and
the quotients. No socket, no gunicorn: what both would add alike is left out, so quotients are higher than those of
bench.pages.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from urllib.parse import urlencode

from flask.testing import FlaskClient

from bench import desk, pages_floor
from bench.pages_filled import EMAIL, PASSWORD, RARE, filled
from webapp import create_app
from webapp.core.settings import load

ACCEPTS = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", required=True, help="a database that stays; filled where empty")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, desk.own_desk(folder, kept=chosen.kept) as own:
        place = filled(own, chosen.tickets)
        os.environ.update(own.environ)
        ours, bare = (
            create_app(load(os.environ)).test_client(),
            pages_floor.create_app().test_client(),
        )
        page = ours.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert token is not None
        form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1]}
        assert ours.post("/login", data=form).status_code == 303
        filters = urlencode({"status": "open", "category": place.category})
        asked = {
            "list": ("/tickets", "/list"),
            "filtered": (f"/tickets?{filters}", f"/filtered?{filters}"),
            "deep": (f"/tickets?after={place.after}", f"/deep?{urlencode(place.deep)}"),
            "search": (f"/tickets?q={RARE}", f"/search?q={RARE}"),
            "ticket": (f"/tickets/{place.thread}", f"/ticket?ref={place.thread}"),
        }
        asked_last = {
            "poll": ("", "/poll")
        }  # its address tells how far the pages before it are known
        for name, (of_desk, of_floor) in (asked | asked_last).items():
            address = of_desk or poll_of(ours)
            compare(
                name,
                lambda address=address: ours.get(address, headers=ACCEPTS).status_code,  # type: ignore[misc]
                lambda of_floor=of_floor: bare.get(of_floor).status_code,  # type: ignore[misc]
                chosen.requests,
            )


def poll_of(ours: FlaskClient) -> str:
    """The address that the page of the list polls, from the newest on."""
    while True:
        found = re.search(r'data-poll="([^"]+)"', ours.get("/tickets").get_data(as_text=True))
        assert found is not None
        address = html.unescape(found[1])
        if ours.get(address).status_code == 204:
            return address
        time.sleep(0.1)  # the hub has just begun


def compare(
    name: str, of_desk: Callable[[], int], of_floor: Callable[[], int], requests: int
) -> None:
    for _ in range(3):
        answers = of_desk(), of_floor()
    assert answers in ((200, 200), (204, 304)), (name, answers)
    took = [(cpu(of_desk), cpu(of_floor)) for _ in range(requests)]
    words = [name]
    for how in (min, statistics.median):
        ours, floor = how(each[0] for each in took), how(each[1] for each in took)
        words.append(f"{how.__name__}: desk {ours:.2f} floor {floor:.2f}, {ours / floor:.1f} times")
    print("; ".join(words), flush=True)


def cpu(ask: Callable[[], int]) -> float:
    start = time.thread_time()
    ask()
    return (time.thread_time() - start) * 1000


if __name__ == "__main__":
    main()
