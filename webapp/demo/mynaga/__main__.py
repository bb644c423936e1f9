"""`python -m webapp.demo.mynaga --port 8901`: the demo MyNaga as a process."""

from typing import TYPE_CHECKING

from webapp.demo.control import Upstream
from webapp.demo.mynaga.app import MyNaga, create_app
from webapp.demo.mynaga.reports import Reports
from webapp.demo.process import main
from webapp.demo.shelf import Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build(shelf: Shelf, records: str) -> "tuple[Upstream, WSGIApplication]":
    """The upstream on `shelf`, filled at its first start."""
    upstream = MyNaga(Reports(shelf))
    if not shelf.count():
        upstream.reports.fill(int(records))
    return upstream, create_app(upstream)


if __name__ == "__main__":
    main(build, port=8901, state=".local/demo/mynaga.sqlite")
