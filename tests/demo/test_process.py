"""What stands around the desk in a demo, as the one process that `up` starts."""

import json
import signal
import smtplib
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.conftest import free_port
from tests.processes import STARTS_WITHIN_S

KINDS = ("mynaga", "open311", "tuniclaim")


def records(port: int) -> tuple[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_control") as answer:
        state = json.load(answer)
    return state["kind"], state["records"]


def test_one_process_is_three_upstreams_and_a_mail_server(tmp_path: Path) -> None:
    ports = {name: free_port() for name in (*KINDS, "mail")}
    command = [sys.executable, "-m", "webapp.demo.process", "--folder", str(tmp_path)]
    for name, port in ports.items():
        command += [f"--{name}", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        assert process.stdout.readline() == "ready\n"
        assert {kind: records(ports[kind])[0] for kind in KINDS} == {kind: kind for kind in KINDS}
        assert all(records(ports[kind])[1] > 0 for kind in KINDS)
        with smtplib.SMTP("127.0.0.1", ports["mail"]) as connection:
            connection.sendmail(
                "desk@example.org", ["rosa@example.org"], "Subject: One\r\n\r\nText"
            )
        assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(STARTS_WITHIN_S) == 0
