"""The demo MyNaga on a shelf of its own."""

from typing import TYPE_CHECKING

from webapp.demo.control import Upstream
from webapp.demo.mynaga.app import MyNaga, create_app
from webapp.demo.mynaga.reports import Reports
from webapp.demo.shelf import Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build(shelf: Shelf) -> "tuple[Upstream, WSGIApplication]":
    """The upstream and its application; filled at its first start."""
    upstream = MyNaga(Reports(shelf))
    if not shelf.count():
        upstream.reports.fill(120)
    return upstream, create_app(upstream)
