"""A wrong setting stops the start with a sentence that names it and never shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from webapp.core import secrets, settings
from webapp.core.errors import Misconfigured

GOOD = {"SECRET_KEY": "x" * 32, "TULAY_SECRET_KEYS": "a,b"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("BASE_URL", "desk.example.org"),
        ("SYNC_ALLOWED_NETS", "10.0.0.0/99"),
        ("LOG_LEVEL", "LOUD"),
        ("ATTACHMENTS_URL", "ftp://x"),
        ("WEB_CONCURRENCY", "0"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        settings.load({**GOOD, name: value})
    assert name in caught.value.message
    assert value not in caught.value.message


def test_a_short_secret_key_stops_the_start() -> None:
    with pytest.raises(Misconfigured, match="SECRET_KEY"):
        settings.load({**GOOD, "SECRET_KEY": "short"})


def test_a_file_may_hold_any_value(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("y" * 40 + "\n")
    loaded = settings.load({"SECRET_KEY_FILE": str(tmp_path / "key"), "TULAY_SECRET_KEYS": "a"})
    assert loaded.secret_key.get_secret_value() == "y" * 40


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(Misconfigured, match="SECRET_KEY_FILE names /no/such"):
        settings.load({**GOOD, "SECRET_KEY_FILE": "/no/such"})


def test_settings_do_not_print_their_secrets() -> None:
    assert "x" * 32 not in repr(settings.load(GOOD))


def test_a_sealed_secret_opens_with_an_older_key_and_only_in_its_own_place(app: object) -> None:
    before = settings.current()
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    try:
        settings.install(settings.load({**GOOD, "TULAY_SECRET_KEYS": old}))
        sealed = secrets.seal("token-of-tests", context="connection:1 a.example")
        settings.install(settings.load({**GOOD, "TULAY_SECRET_KEYS": f"{new},{old}"}))
        assert secrets.unseal(sealed, context="connection:1 a.example") == "token-of-tests"
        with pytest.raises(Misconfigured, match="another address"):
            secrets.unseal(sealed, context="connection:1 b.example")
        settings.install(settings.load({**GOOD, "TULAY_SECRET_KEYS": new}))
        with pytest.raises(Misconfigured, match="TULAY_SECRET_KEYS"):
            secrets.unseal(sealed, context="connection:1 a.example")
    finally:
        settings.install(before)
