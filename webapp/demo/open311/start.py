"""The demo Open311 city on a shelf of its own."""

from typing import TYPE_CHECKING

from webapp.demo.control import Upstream
from webapp.demo.open311.app import Open311, create_app
from webapp.demo.open311.requests import Requests
from webapp.demo.shelf import Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build(shelf: Shelf) -> "tuple[Upstream, WSGIApplication]":
    """The upstream and its application; filled at its first start."""
    upstream = Open311(Requests(shelf))
    if not shelf.count():
        upstream.requests.fill(120)
    return upstream, create_app(upstream)
