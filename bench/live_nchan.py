"""The yardstick of bench/live.py: the same clients and events at nginx with Nchan. Prints one JSON line.

    python bench/live_nchan.py --clients 2000 --events 200 --rate 10

Needs nginx and its module (Debian: nginx-light, libnginx-mod-nchan). One worker, no Redis: a message is published by
a request over a connection that stays. Nobody is asked who they are, no rights are looked at.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench import live  # noqa: E402
from bench.live_readers import Readers  # noqa: E402

CONFIGURATION = """
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off; master_process on; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
worker_rlimit_nofile 65536;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=10000;
    location = /publish {{
      nchan_publisher; nchan_channel_id staff;
      nchan_message_buffer_length 10000; nchan_message_timeout 1h;
    }}
    location = /live {{
      nchan_subscriber eventsource; nchan_channel_id staff; nchan_subscriber_first_message newest;
      nchan_eventsource_ping_interval 15;
    }}
  }}
}}
"""

PUBLISH = """
import sys
sys.path.insert(0, {root!r})
from bench.live_nchan import publish
publish({port}, events={events}, rate={rate}, size={size})
"""


def publish(port: int, *, events: int, rate: float, size: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.monotonic()
    for number in range(events):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        told = {"a": "x" * (size - 60), "n": number, "t": time.time()}
        connection.request("POST", "/publish", json.dumps(told, separators=(",", ":")))
        connection.getresponse().read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--rate", type=float, default=20.0, help="events a second")
    parser.add_argument("--bytes", type=int, default=1000, help="size of an event's data")
    parser.add_argument("--limit", type=float, default=120.0)
    options = parser.parse_args()
    live.allow_many_files()
    with (
        tempfile.TemporaryDirectory(prefix="tulay-bench-") as folder,
        _nginx(folder) as (port, worker),
    ):
        print(json.dumps(_measure(options, port=port, worker=worker)))


def _measure(options: argparse.Namespace, *, port: int, worker: int) -> dict[str, object]:
    stop_at = time.monotonic() + options.limit
    readers = Readers(port, [""], resume=False, delay=0.0, path="/live", ready=b": hi")
    live.open_streams(readers, live.WARM, stop_at=stop_at)
    before = live.memory(worker)
    live.open_streams(readers, options.clients, stop_at=stop_at)
    held, cpu, began, own = (
        live.memory(worker),
        live.cpu_of(worker),
        time.monotonic(),
        time.process_time(),
    )
    code = PUBLISH.format(
        root=str(ROOT), port=port, events=options.events, rate=options.rate, size=options.bytes
    )
    publisher = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    readers.read_until(
        lambda: readers.delivered >= options.clients * options.events, stop_at=stop_at
    )
    publisher.wait(30)
    seconds = time.monotonic() - began
    return live.figures(options, readers) | {
        "bench": "nchan",
        "seconds": round(seconds, 2),
        "bench_cpu_share": round((time.process_time() - own) / seconds, 2),
        "cpu_s_per_million": round(
            (live.cpu_of(worker) - cpu) / max(1, readers.delivered) * 1e6, 1
        ),
        "kb_per_client": round((held - before) / 1024 / max(1, options.clients - live.WARM), 1),
    }


@contextmanager
def _nginx(folder: str) -> Iterator[tuple[int, int]]:
    """Port, and the process id of the one worker."""
    port = live.free_port()
    os.chmod(folder, 0o755)
    configuration = Path(folder, "nginx.conf")
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
    master = subprocess.Popen(["nginx", "-c", str(configuration)])
    try:
        live.wait_for(port)
        time.sleep(0.5)
        yield port, live.child(master.pid)
    finally:
        master.terminate()
        master.wait(15)


if __name__ == "__main__":
    main()
