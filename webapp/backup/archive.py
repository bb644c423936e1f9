"""Writing: one tar file with a packed file for each table, the attachments as they are, and last what it should hold,
so that one which was cut short is known."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from alembic.migration import MigrationContext
from pydantic_core import to_json
from sqlalchemy import Connection, Table

from webapp.backup.tables import all_tables, lines_of
from webapp.core import clock, db, storage

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Made:
    tables: int
    rows: int
    files: int


def write(file: Path) -> Made:
    """The whole desk as it is at this moment; who works goes on. Nothing stands at `file` until it is complete."""
    half = file.with_name(file.name + ".part")
    try:
        with tarfile.open(half, "w") as tar, _moment() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            counts = {
                table.name: _add_table(tar, connection, table) for table in all_tables(connection)
            }
            made = Made(len(counts), sum(counts.values()), _add_files(tar))
            what = {
                "format": FORMAT,
                "revision": revision,
                "made_at": clock.now(),
                "counts": counts,
            }
            _add(tar, MANIFEST, to_json({**what, **asdict(made)}))
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    return made


@contextmanager
def _moment() -> Iterator[Connection]:
    """Sees the database as it is now, whatever is written meanwhile; SQLite's readers do anyway."""
    engine = db.db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def member(table: str) -> str:
    return f"tables/{table}.jsonl.gz"


def _add_table(tar: tarfile.TarFile, connection: Connection, table: Table) -> int:
    count = -1  # the first line names the columns
    with NamedTemporaryFile() as packed:
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=5) as lines:
            for line in lines_of(connection, table):
                lines.write(line)
                count += 1
        packed.flush()
        tar.add(packed.name, member(table.name))
    return count


def _add_files(tar: tarfile.TarFile) -> int:
    """After the tables: what they name stands there by now."""
    count = 0
    for key, path in storage.every():
        tar.add(path, f"attachments/{key}")
        count += 1
    return count


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
