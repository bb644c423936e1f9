"""While many are written to, requests get their turn: under gevent, as in a web process."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT
from tests.processes import STARTS_WITHIN_S

# A greenlet that answers as a request would, of which nobody knows before somebody looks; and many who listen.
CODE = """
from gevent import monkey
monkey.patch_all()
import socket, threading, time
from webapp.realtime.audience import SLICE, Audience
from webapp.realtime.frames import EntryId
from webapp.realtime.ring import Entry

ours, theirs = socket.socketpair()
order, peers, told = [], [], []

def answer():
    while ours.recv(1):
        order.append("answered")

audience = Audience(threading.RLock(), beat=lambda: b"")
for _ in range(3 * SLICE):
    writes, reads = socket.socketpair()
    writes.setblocking(False)
    peers.append(reads)
    audience.admit(writes.detach(), [b"head "], topics=frozenset({"staff"}), user_id=None)
threading.Thread(target=answer, daemon=True).start()
time.sleep(0.01)
theirs.send(b"x")
audience.tell([Entry(EntryId((1, number)), frozenset({"staff"}), b"%d " % number) for number in (1, 2)])
order.append("told")
print(*order)
print({peer.recv(100) for peer in peers})
"""


def test_a_request_is_answered_before_all_are_written_to_and_everybody_hears_all_once() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=STARTS_WITHIN_S,
    )
    order, heard = run.stdout.decode().splitlines()
    assert order == "answered told"
    assert heard == "{b'head 1 2 '}"
