"""Reading back, into a desk without any work in it, in one transaction."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from flask_babel import gettext
from pydantic_core import from_json
from sqlalchemy import (
    JSON,
    Connection,
    Table,
    TableClause,
    bindparam,
    column,
    func,
    select,
    table,
    text,
    update,
)

from webapp.backup import archive
from webapp.backup.archive import FORMAT, MANIFEST, Made
from webapp.backup.tables import PIECE, all_tables, own_references, rows_of
from webapp.core import db, storage
from webapp.core.errors import Conflict, Invalid

WORK = ("ticket", "connection", "bordereau", "bulletin", "client")  # what an empty desk has none of


def read(file: Path) -> Made:
    """Raises Conflict where the desk has work in it or is of another release, Invalid for what is no whole backup."""
    try:
        with tarfile.open(file) as tar:
            return _read(tar)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile):
        raise Invalid(gettext("This is no backup, or it is damaged.")) from None


def _read(tar: tarfile.TarFile) -> Made:
    names = set(tar.getnames())
    if MANIFEST not in names:
        raise Invalid(gettext("This is no backup, or its writing was cut short."))
    manifest = from_json(_bytes_of(tar, MANIFEST))
    if manifest["format"] != FORMAT:
        raise Invalid(gettext("This backup was made by a release that writes them otherwise."))
    with db.transaction() as session:
        connection = session.connection()
        _check(connection, manifest["revision"])
        tables = [t for t in all_tables(connection) if archive.member(t.name) in names]
        for each in reversed(all_tables(connection)):  # what a first start has put there
            connection.execute(each.delete())
        counts = {each.name: _fill(connection, tar, each) for each in tables}
        if counts != manifest["counts"]:
            raise Invalid(gettext("Rows are missing in it: nothing was brought back."))
        _count_on(connection, tables)
    return Made(len(counts), sum(counts.values()), _files(tar, names))


def _check(connection: Connection, revision: str) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found != revision:
        raise Conflict(
            gettext(
                "It is of the schema %(theirs)s, and this database of %(ours)s. Make an empty database with "
                "flask --app webapp db upgrade %(theirs)s, restore, then upgrade it.",
                theirs=revision,
                ours=found or "–",
            )
        )
    for name in WORK:
        each = db.Base.metadata.tables[name]
        if connection.scalar(select(func.count()).select_from(each)):
            raise Conflict(gettext("There is work in this desk: restore into an empty database."))


def _fill(connection: Connection, tar: tarfile.TarFile, its: Table) -> int:
    """Rows that name others of their table get that name once all are there."""
    later, count = own_references(its), 0
    waiting: list[dict[str, Any]] = []
    rows = _rows(tar, its)
    first = next(rows, None)
    if first is None:
        return 0
    plain = _plain_table(its, list(first))
    insert = plain.insert().values(
        {c.name: bindparam(c.name, type_=_typed(c.type)) for c in plain.columns}
    )
    some = [first, *islice(rows, PIECE - 1)]
    while some:
        for row in some:
            if named := {name: row[name] for name in later if row[name] is not None}:
                waiting.append({"own": row["id"], **named})
                row.update(dict.fromkeys(named))
        connection.execute(insert, some)
        count += len(some)
        some = list(islice(rows, PIECE))
    for each in waiting:
        own = each.pop("own")
        connection.execute(update(its).where(its.c.id == own).values(each))
    return count


def _rows(tar: tarfile.TarFile, its: Table) -> Iterator[dict[str, Any]]:
    packed = tar.extractfile(archive.member(its.name))
    if packed is None:
        raise Invalid(gettext("This is no backup, or it is damaged."))
    with gzip.GzipFile(fileobj=packed) as lines:
        yield from rows_of(lines, its)


def _plain_table(its: Table, names: list[str]) -> TableClause:
    """With the columns that the backup has, and none of the defaults that this release would add."""
    return table(its.name, *(column(n, its.c[n].type if n in its.c else None) for n in names))


def _typed(kind: Any) -> Any:
    """Nothing is nothing: without this a JSON column would hold the word null."""
    return JSON(none_as_null=True) if isinstance(kind, JSON) else kind


def _count_on(connection: Connection, tables: list[Table]) -> None:
    """PostgreSQL counts keys in sequences, which know nothing of rows that bring theirs along."""
    if connection.dialect.name != "postgresql":
        return
    for each in tables:
        if "id" in each.c:
            connection.execute(
                text(
                    "SELECT setval(s, (SELECT coalesce(max(id), 0) + 1 FROM "  # noqa: S608 - our own names
                    f"\"{each.name}\"), false) FROM pg_get_serial_sequence(:name, 'id') AS s WHERE s IS NOT NULL"
                ),
                {"name": f'"{each.name}"'},
            )


def _files(tar: tarfile.TarFile, names: set[str]) -> int:
    count = 0
    for name in sorted(names):
        folder, _, key = name.partition("/")
        content = tar.extractfile(name) if folder == "attachments" else None
        if content is not None:
            storage.keep(key, content)
            count += 1
    return count


def _bytes_of(tar: tarfile.TarFile, name: str) -> bytes:
    found = tar.extractfile(name)
    return found.read() if found else b""
