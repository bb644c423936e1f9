"""`python -m webapp.demo.tuniclaim --port 8902`: the demo TUNICLAIM as a process."""

from typing import TYPE_CHECKING

from webapp.demo.control import Upstream
from webapp.demo.process import main
from webapp.demo.shelf import Shelf
from webapp.demo.tuniclaim.app import Tuniclaim, create_app
from webapp.demo.tuniclaim.claims import Claims
from webapp.demo.tuniclaim.living import fill

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build(shelf: Shelf, records: str) -> "tuple[Upstream, WSGIApplication]":
    """The upstream on `shelf`, filled at its first start; `records` is "12" or, with bulletins each, "12x5"."""
    upstream = Tuniclaim(Claims(shelf))
    if not shelf.count():
        bordereaux, _, bulletins = records.partition("x")
        fill(upstream.claims, int(bordereaux), int(bulletins) if bulletins else None)
    return upstream, create_app(upstream)


if __name__ == "__main__":
    main(build, port=8902, state=".local/demo/tuniclaim.sqlite", records="12")
