"""All that stands around the desk in a demo, in one process: upstreams and mail catcher, each at a port of its own.

`python -m webapp.demo.process --folder .local/demo --mynaga 8901 --open311 8903 --tuniclaim 8902 --mail 8904`
"""

import argparse
import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path

from webapp.demo.home import UPSTREAMS
from webapp.demo.orphan import end_with_parent
from webapp.demo.serving import serving
from webapp.demo.shelf import Shelf
from webapp.demo.ticker import Pace, Ticker

M_TRIM_THRESHOLD = -1


def main() -> None:
    """Runs what a port is given for, until SIGTERM or SIGINT."""
    arguments = _arguments()
    end_with_parent()
    _give_back()
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    with ExitStack() as running:
        for kind in UPSTREAMS:
            if port := getattr(arguments, kind):
                shelf = arguments.folder / f"{kind}.sqlite"
                running.enter_context(_upstream(kind, port, shelf, arguments.every))
        if arguments.mail:
            from webapp.demo.catching import catching
            from webapp.demo.mailbox import Mailbox

            controller = catching(Mailbox(arguments.folder / "mail"), port=arguments.mail)
            controller.start()
            running.callback(controller.stop)
        print("ready", flush=True)
        told.wait()


def _give_back() -> None:
    """What was taken to draw a picture goes back to the system, where the C library can be told so (glibc)."""
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 128 * 1024)


@contextmanager
def _upstream(kind: str, port: int, file: Path, every: float) -> Iterator[None]:
    """One upstream with its records in `file`, and something new at it `every` so many seconds."""
    build = import_module(f"webapp.demo.{kind}.start").build
    with closing(Shelf(file)) as shelf:
        upstream, app = build(shelf)
        ticker = Ticker(upstream, Pace(quick=every))
        with serving(app, upstream.troubles, port=port):
            if every > 0:
                ticker.start()
            yield
            ticker.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in (*UPSTREAMS, "mail"):
        parser.add_argument(f"--{name}", type=int, help="its port; without one there is none")
    parser.add_argument("--folder", type=Path, required=True, help="keeps records and mails")
    parser.add_argument("--every", type=float, default=8, help="seconds between new ones; 0: none")
    return parser.parse_args()


if __name__ == "__main__":
    main()
