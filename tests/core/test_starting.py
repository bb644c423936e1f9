"""A process loads what it needs and no more: what starts fast and stays small is guarded here, without a clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from webapp import create_app
from webapp.core import settings as core_settings
from webapp.core.settings import Settings

ROOT = Path(__file__).parents[2]
ONLY_FOR_PAGES = {"flask_compress", "flask_limiter", "flask_wtf", "limits", "prometheus_client"}
ONLY_TO_MIGRATE = {"alembic", "flask_migrate", "mako"}
ONLY_SOMETIMES = {"PIL", "h3", "rapidfuzz", "sentry_sdk", "http_ece", "py_vapid"}
APP = "from webapp import create_app; create_app(pages=False)"
OTHERS_WORK = (
    "webapp.fieldwork.models",
    "webapp.chat.models",
    "webapp.progress.models",
    "webapp.imports.models",
)
ONLY_TO_QUEUE, ONLY_FOR_XML = {"rq"}, {"defusedxml"}

pytestmark = pytest.mark.any_database


def loaded_after(code: str, environ: dict[str, str]) -> set[str]:
    """The modules of a new process that has run `code`."""
    code += "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return set(json.loads(done.stdout))


@pytest.fixture
def environ(settings: Settings, tmp_path: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": "x" * 32,
        "TULAY_SECRET_KEYS": settings.tulay_secret_keys[0].get_secret_value(),
        "DATABASE_URL": f"sqlite:///{tmp_path}/none.db",
        "REDIS_URL": settings.redis_url,
    }


def test_what_pulls_loads_no_pages_and_nothing_that_only_pages_need(
    environ: dict[str, str],
) -> None:
    loaded = loaded_after("import worker; worker.prepared()", environ)

    models = (ROOT / "webapp").rglob("models.py")
    assert {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in models} <= loaded
    assert "webapp.sync.pull.loop" in loaded  # before the fork: no task waits for it
    assert not loaded & (ONLY_FOR_PAGES | ONLY_TO_MIGRATE | ONLY_SOMETIMES)
    assert "email_validator" not in loaded
    pages = {name for name in loaded if name.startswith("webapp.") and "views" in name.split(".")}
    assert not pages | (loaded & {"webapp.pages", "webapp.routes"})


def test_an_app_without_pages_loads_no_queue_and_no_xml(environ: dict[str, str]) -> None:
    loaded = loaded_after(APP, environ)

    assert "webapp.wiring" in loaded
    assert not loaded & (ONLY_TO_QUEUE | ONLY_FOR_XML)
    assert not {name for name in loaded if name.startswith(OTHERS_WORK)}


def test_a_pull_loads_what_tickets_need_and_no_other_packages_work(
    environ: dict[str, str],
) -> None:
    loaded = loaded_after(f"{APP}\nimport webapp.sync.tasks, webapp.reactions.tickets", environ)

    assert "webapp.sync.connectors.engine" in loaded
    assert "webapp.targets.actions.keeping" in loaded
    assert not {name for name in loaded if name.startswith(OTHERS_WORK)}
    assert "webapp.push.keys" not in loaded


def test_whatever_of_the_models_a_process_has_loaded_refers_to_nothing_that_it_lacks(
    environ: dict[str, str],
) -> None:
    """A flush would stop at a key to a table that is not there."""
    code = f"""{APP}
import os
from sqlalchemy.orm import configure_mappers
from webapp.core import db, loading

for name in loading.modules("models.py", "models/*.py"):
    child = os.fork()
    if child == 0:  # with this one alone beside what every process has
        status = 1
        try:
            __import__(name)
            configure_mappers()
            for table in db.Base.metadata.tables.values():
                [key.column for key in table.foreign_keys]
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0, name
"""
    assert "webapp.wiring" in loaded_after(code, environ)


def test_what_a_process_has_loaded_is_never_looked_at_for_garbage_and_what_comes_later_is(
    environ: dict[str, str],
) -> None:
    code = """
import gc
from webapp import create_app
create_app(pages=False)
frozen = gc.get_freeze_count()
assert gc.isenabled() and len(gc.get_objects()) < frozen / 20, (frozen, len(gc.get_objects()))

import weakref
from webapp.core.collecting import seldom_collected, uncollected

class Later: ...

with uncollected(), seldom_collected():
    one = Later()
    one.itself, seen = one, weakref.ref(one)
    del one
gc.collect()
assert seen() is None and gc.get_freeze_count() <= frozen
"""
    assert "webapp.wiring" in loaded_after(code, environ)


def test_the_web_process_loads_nothing_that_only_migrations_need(environ: dict[str, str]) -> None:
    loaded = loaded_after("from webapp import create_app; create_app()", environ)

    assert "webapp.routes" in loaded
    assert not loaded & (ONLY_TO_MIGRATE | ONLY_SOMETIMES)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import worker, webapp.schedule, webapp.core.ticking", id="scheduler"),
        pytest.param("import webapp.demo.up", id="up"),
        pytest.param("import webapp.demo.catching", id="mail catcher"),
        pytest.param("import webapp.demo.orphan", id="gunicorn's first process"),
    ],
)
def test_what_needs_no_desk_loads_neither_flask_nor_sqlalchemy(
    code: str, environ: dict[str, str]
) -> None:
    assert not loaded_after(code, environ) & {"flask", "sqlalchemy", "cryptography.fernet"}


def test_an_app_without_pages_has_no_routes(app: object, settings: Settings) -> None:
    try:
        made = create_app(settings, pages=False)
    finally:
        core_settings.install(settings)
    assert {rule.endpoint for rule in made.url_map.iter_rules()} == {"static"}
