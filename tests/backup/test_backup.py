"""What a backup holds comes back, all of it, into an empty desk; nothing is overwritten, nothing half is believed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from tests.tickets.make import make_pulled, make_ticket, photo
from webapp import create_app
from webapp.backup import actions, archive, restoring, tasks
from webapp.backup.models import DONE, FAILED, Backup
from webapp.backup.tables import all_tables
from webapp.core import db, migrating, storage
from webapp.core import settings as core_settings
from webapp.core.errors import Conflict, Invalid
from webapp.core.settings import Settings
from webapp.tickets import actions as tickets
from webapp.tickets.models import Ticket

ROOT = Path(__file__).parents[2]
NIGHT = datetime(2026, 11, 28, 19, 0, tzinfo=UTC)  # three in the morning, in Manila


@pytest.fixture
def desks(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Any]:
    """Makes migrated desks on databases of their own, each with attachments of its own."""
    made: list[Flask] = []

    def make(name: str) -> Flask:
        url = f"sqlite:///{tmp_path}/{name}.db"
        if server := os.environ.get("TEST_DATABASE_URL", ""):
            url = _on_server(server, f"tulay_{name}_{os.getpid()}")
        chosen = {"database_url": url, "attachments_url": f"file://{tmp_path}/{name}"}
        one = create_app(settings.model_copy(update=chosen), pages=False)
        migrating.init_app(one)
        with one.app_context():
            upgrade()
        made.append(one)
        return one

    yield make
    for one in made:
        with one.app_context():
            db.db.session.remove()
            db.db.engine.dispose()
    core_settings.install(settings)
    if server := os.environ.get("TEST_DATABASE_URL", ""):
        import psycopg

        with psycopg.connect(server, autocommit=True) as admin:
            for name in ("first", "second"):
                admin.execute(f'DROP DATABASE IF EXISTS "tulay_{name}_{os.getpid()}" WITH (FORCE)')


def _on_server(server: str, name: str) -> str:
    import psycopg

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
    return "postgresql+psycopg" + server[server.index("://") :].rsplit("/", 1)[0] + "/" + name


def _everything() -> dict[str, list[Any]]:
    with db.db.engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in all_tables(connection)
        }


def _work() -> None:
    """A ticket of each kind, with what hangs on them."""
    from webapp.tickets.attachments import StoredFile
    from webapp.tickets.forms import DeskTicketForm

    make_pulled(1100)
    ticket = make_ticket(title="Ilaw na sira – مصباح")
    key = storage.put(photo())
    from webapp.events.types import SYSTEM

    with db.transaction():
        ticket = db.session().get_one(Ticket, ticket.id)
        tickets.set_tags(ticket, ["Night", "Storm"], actor=SYSTEM)
        tickets.set_due(ticket, NIGHT, actor=SYSTEM)
        tickets.respond(ticket, body="On our way", actor=SYSTEM)
        tickets.create_ticket(
            DeskTicketForm(title="Dog", description="It barks.", name="", category="Animals"),
            photos=[StoredFile("a.jpg", "image/jpeg", 100, key, None)],
            actor=SYSTEM,
        )


def test_a_backup_comes_back_whole_into_an_empty_desk(desks: Any, tmp_path: Path) -> None:
    with desks("first").app_context():
        _work()
        made = archive.write(tmp_path / "desk.tar")
        before, files = _everything(), {k: p.read_bytes() for k, p in storage.every()}
        db.db.session.remove()
    with desks("second").app_context():
        assert restoring.read(tmp_path / "desk.tar") == made
        assert _everything() == before
        assert {k: p.read_bytes() for k, p in storage.every()} == files
        assert len(files) == 1
        last = max(row[0] for row in _ids())
        assert make_ticket().id == last + 1  # keys go on where they were
    assert not list(tmp_path.glob("*.part"))


def _ids() -> Any:
    return db.session().execute(select(Ticket.id)).all()


def test_a_desk_with_work_in_it_is_not_overwritten(app: Flask, desks: Any, tmp_path: Path) -> None:
    with desks("first").app_context():
        archive.write(tmp_path / "desk.tar")
        make_ticket(title="Mine")
        with pytest.raises(Conflict, match="There is work in this desk"):
            restoring.read(tmp_path / "desk.tar")
        assert db.session().scalars(select(Ticket.title)).all() == ["Mine"]
        db.db.session.remove()


def test_what_is_no_whole_backup_is_refused_and_nothing_comes_of_it(
    desks: Any, tmp_path: Path
) -> None:
    with desks("first").app_context():
        make_pulled(20)
        archive.write(tmp_path / "desk.tar")
        db.db.session.remove()
    whole = (tmp_path / "desk.tar").read_bytes()
    (tmp_path / "half.tar").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.tar").write_text("no backup")
    _without_a_table(tmp_path / "desk.tar", tmp_path / "less.tar")
    with desks("second").app_context():
        for name in ("half.tar", "text.tar", "less.tar"):
            with pytest.raises(Invalid):
                restoring.read(tmp_path / name)
            assert db.session().scalars(select(Ticket)).all() == []
        db.db.session.remove()


def _without_a_table(path: Path, less: Path) -> None:
    with tarfile.open(path) as old, tarfile.open(less, "w") as new:
        for entry in old.getmembers():
            if entry.name != archive.member("ticket"):
                new.addfile(entry, io.BytesIO(old.extractfile(entry).read()))  # type: ignore[union-attr]


def test_a_backup_of_another_schema_says_what_to_do(desks: Any, tmp_path: Path) -> None:
    with desks("first").app_context():
        archive.write(tmp_path / "desk.tar")
        with db.db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        with pytest.raises(Conflict, match="flask --app webapp db upgrade"):
            restoring.read(tmp_path / "desk.tar")
        db.db.session.remove()


@pytest.fixture
def nightly(app: Flask, settings: Settings, tmp_path: Path, time_machine: Any) -> Iterator[Any]:
    core_settings.install(
        settings.model_copy(update={"backup_folder": str(tmp_path / "kept"), "backup_kept": 2})
    )

    def night(day: int, hour: int = 19) -> None:
        time_machine.move_to(NIGHT.replace(day=day, hour=hour), tick=False)
        with db.transaction():
            due = actions.claim_due()
        if due is not None:
            tasks.make(due.id)

    yield SimpleNamespace(make=night, folder=tmp_path / "kept")
    core_settings.install(settings)


def test_one_is_made_each_night_and_the_newest_are_kept(
    nightly: Any, people: Any, sign_in: Any
) -> None:
    for day in (24, 25, 26):
        nightly.make(day, hour=17)  # one in the morning: too early
        nightly.make(day)
        nightly.make(day)  # once is enough
    names = sorted(path.name for path in nightly.folder.iterdir())
    assert names == ["tulay-2026-11-26.tar", "tulay-2026-11-27.tar"]
    assert [b.state for b in db.session().scalars(select(Backup))] == [DONE] * 3
    assert "The last one is 0 hours old" in sign_in(people.amihan).get("/health").get_data(
        as_text=True
    )


def test_one_that_fails_is_told_of_and_tried_again_after_an_hour(
    nightly: Any, people: Any, sign_in: Any
) -> None:
    nightly.folder.write_text("a file where the folder should be")
    nightly.make(24)
    shown = sign_in(people.amihan).get("/health").get_data(as_text=True)
    assert "It could not be written" in shown
    assert db.session().scalars(select(Backup.state)).one() == FAILED
    nightly.folder.unlink()
    nightly.make(24)
    assert not nightly.folder.exists()  # not at once
    nightly.make(24, hour=20)
    db.session().rollback()
    assert db.session().scalars(select(Backup.state)).one() == DONE


def test_a_process_that_has_loaded_few_tables_writes_all_of_them(
    desks: Any, tmp_path: Path
) -> None:
    with desks("first").app_context():
        url = db.db.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        known = set(db.Base.metadata.tables)
        db.db.session.remove()
    current = core_settings.current()
    environ = {
        "DATABASE_URL": url,
        "SECRET_KEY": current.secret_key.get_secret_value(),
        "TULAY_SECRET_KEYS": current.tulay_secret_keys[0].get_secret_value(),
        "ATTACHMENTS_URL": f"file://{tmp_path}/first",
    }
    code = (
        "from pathlib import Path; from webapp import create_app; from webapp.backup import archive\n"
        f"with create_app(pages=False).app_context(): archive.write(Path('{tmp_path}/desk.tar'))"
    )
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environ}, check=True, cwd=ROOT
    )
    with tarfile.open(tmp_path / "desk.tar") as tar:
        assert {archive.member(name) for name in known} <= set(tar.getnames())
