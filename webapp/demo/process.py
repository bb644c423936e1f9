"""What the processes of all demo upstreams share: arguments, first records, ticker, serving."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.demo.control import Upstream
from webapp.demo.orphan import end_with_parent
from webapp.demo.serving import serve_until_told, server_for
from webapp.demo.shelf import Shelf
from webapp.demo.ticker import Pace, Ticker

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Build = Callable[[Shelf, str], "tuple[Upstream, WSGIApplication]"]


def main(build: Build, *, port: int, state: str, records: str = "120") -> None:
    """Runs one upstream. `build(shelf, how many first records)` gives it and its application."""
    arguments = _arguments(port, state, records)
    end_with_parent()
    shelf = Shelf(Path(arguments.state))
    upstream, app = build(shelf, arguments.records)
    server = server_for(app, upstream.troubles, port=arguments.port)
    ticker = Ticker(upstream, Pace(quick=arguments.every))
    if arguments.every > 0:
        ticker.start()
    print(f"ready on http://127.0.0.1:{server.server_port}", flush=True)
    serve_until_told(server)
    ticker.stop()
    shelf.close()


def _arguments(port: int, state: str, records: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=port, help="0 takes a free one")
    parser.add_argument("--state", default=state, help="the file that keeps the records")
    parser.add_argument("--records", default=records, help="how many exist at first")
    parser.add_argument("--every", type=float, default=8, help="seconds between new ones; 0: none")
    return parser.parse_args()
