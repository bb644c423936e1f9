"""Serves a demo upstream over real HTTP on loopback: for tests and for `up`."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from webapp.demo.trouble import Troubles, Troublesome

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Quiet(WSGIRequestHandler):
    """Logs nothing: tokens may stand in query strings."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Drops the line."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Only the status line: werkzeug adds the date, and which server this is stays untold."""
        self.send_response_only(code, message)

    def version_string(self) -> str:
        """Named as a city's system would be."""
        return "city-hall"


class Server(ThreadedWSGIServer):
    """A server that can drop a connection with a reset."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def shutdown_request(self, request: Any) -> None:
        """No polite goodbye first, or SO_LINGER could not reset."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news."""
        logging.getLogger(__name__).debug("a caller hung up", exc_info=True)


def server_for(app: "WSGIApplication", troubles: Troubles, *, port: int = 0) -> Server:
    """A bound server; `port` 0 takes a free one. Raises OSError where the port is busy."""
    return Server("127.0.0.1", port, Troublesome(app, troubles), handler=Quiet)


@contextmanager
def serving(app: "WSGIApplication", troubles: Troubles, *, port: int) -> Iterator[None]:
    """Serves meanwhile, in a thread of its own."""
    server = server_for(app, troubles, port=port)
    thread = threading.Thread(target=server.serve_forever, args=(0.2,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
