"""`python -m webapp.demo.open311 --port 8903`: the demo Open311 city as a process."""

from typing import TYPE_CHECKING

from webapp.demo.control import Upstream
from webapp.demo.open311.app import Open311, create_app
from webapp.demo.open311.requests import Requests
from webapp.demo.process import main
from webapp.demo.shelf import Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build(shelf: Shelf, records: str) -> "tuple[Upstream, WSGIApplication]":
    """The upstream on `shelf`, filled at its first start."""
    upstream = Open311(Requests(shelf))
    if not shelf.count():
        upstream.requests.fill(int(records))
    return upstream, create_app(upstream)


if __name__ == "__main__":
    main(build, port=8903, state=".local/demo/open311.sqlite")
