"""`.local/`: secrets stay private and the same, ports stay where they were, one `up` at a time."""

import json
import socket
import stat
from pathlib import Path

import pytest

from webapp.core.errors import Misconfigured
from webapp.core.settings import load
from webapp.demo import up
from webapp.demo.home import PREFERRED, Home, environment, free_port, write_private


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "local")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_and_keys_are_for_their_owner_only(home: Home) -> None:
    home.keys()
    assert (mode(home.folder), mode(home.file("keys.json"))) == (0o700, 0o600)


def test_a_private_file_replaces_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "accounts.txt"
    path.write_text("old")
    write_private(path, "new")
    assert (path.read_text(), mode(path)) == ("new", 0o600)


def test_keys_stay_the_same(home: Home) -> None:
    assert home.keys() == Home(home.folder).keys()


def test_ports_stay_where_they_were(home: Home) -> None:
    assert home.ports() == Home(home.folder).ports()


def test_a_busy_port_is_replaced_and_remembered(home: Home) -> None:
    before = home.ports()
    with socket.socket() as other:
        other.bind(("127.0.0.1", before["mynaga"]))
        other.listen()
        moved = home.ports()
    assert moved["mynaga"] != before["mynaga"]
    assert home.ports() == moved


def test_a_part_that_is_new_takes_no_port_from_one_that_has_it(home: Home) -> None:
    port = free_port()
    home.file("ports.json").write_text(json.dumps({"open311": port, "tuniclaim": port}))
    assert home.ports()["open311"] == port
    home.file("ports.json").write_text(json.dumps({"redis": PREFERRED["tuniclaim"]}))
    assert home.ports()["tuniclaim"] != PREFERRED["tuniclaim"]


def test_a_second_one_on_the_same_data_is_refused_and_moves_no_port(home: Home) -> None:
    ports = home.ports()
    with home.lock():
        with pytest.raises(Misconfigured, match="already runs"):
            Home(home.folder).lock()
        with socket.socket() as other:
            other.bind(("127.0.0.1", ports["mail"]))
            other.listen()
            assert Home(home.folder).ports() == ports


def test_the_environment_it_makes_up_is_valid(home: Home) -> None:
    settings = load(environment(home, {"PORT": "8765"}))
    assert settings.tulay_demo
    assert (settings.port, settings.base_url) == (8765, "http://127.0.0.1:8765")
    assert settings.redis_url.endswith("/0")
    assert str(home.folder) in settings.database_url


def test_what_is_set_already_wins(home: Home) -> None:
    made = environment(
        home, {"DATABASE_URL": "postgresql://db/tulay", "MAIL_SERVER": "mx.example.org"}
    )
    assert made["DATABASE_URL"] == "postgresql://db/tulay"
    assert "MAIL_PORT" not in made


def test_a_busy_web_port_gives_a_sentence_with_another_choice() -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(
            Misconfigured, match=rf"Port {port} is in use .* PORT={port + 1} make run"
        ):
            up._check_port(port)
