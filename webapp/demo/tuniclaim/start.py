"""The demo TUNICLAIM on a shelf of its own."""

from typing import TYPE_CHECKING

from webapp.demo.control import Upstream
from webapp.demo.shelf import Shelf
from webapp.demo.tuniclaim.app import Tuniclaim, create_app
from webapp.demo.tuniclaim.claims import Claims
from webapp.demo.tuniclaim.living import fill

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build(shelf: Shelf) -> "tuple[Upstream, WSGIApplication]":
    """The upstream and its application; filled at its first start."""
    upstream = Tuniclaim(Claims(shelf))
    if not shelf.count():
        fill(upstream.claims)
    return upstream, create_app(upstream)
