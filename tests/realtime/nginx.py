"""A real nginx of the distribution in front of test servers, with its buffers as told."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import free_port
from tests.realtime.conftest import until

CONF = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream desk {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://desk;
      proxy_set_header Host $http_host;
      {extra}
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, targets: Sequence[str], *, extra: str = "") -> Iterator[str]:
    """Its address. `extra`: directives of its one location."""
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    port = free_port()
    servers = " ".join(
        f"server {target.removeprefix('http://')} max_fails=1 fail_timeout=1s;"
        for target in targets
    )
    conf = folder / "nginx.conf"
    conf.write_text(CONF.format(folder=folder, servers=servers, port=port, extra=extra))
    process = subprocess.Popen(
        [binary, "-p", str(folder), "-c", str(conf)], stderr=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(base), "nginx answers")
        yield base
    finally:
        process.kill()
        process.wait()


def _answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/healthz").status_code == 200
    except httpx.TransportError:
        return False
