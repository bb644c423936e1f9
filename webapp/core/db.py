"""The database: one session per app context, one way to write (`with transaction():`), nothing else commits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeVar

from flask_sqlalchemy import SQLAlchemy
from pydantic_core import to_json
from sqlalchemy import (
    BigInteger,
    Integer,
    MetaData,
    String,
    event,
    func,
    select,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    declared_attr,
    mapped_column,
)
from sqlalchemy.types import JSON

from webapp.core import (
    connecting,  # noqa: F401 - its listeners
    reading,
    saving,
)
from webapp.core.columns import UTCDateTime
from webapp.core.driver import ask

log = logging.getLogger(__name__)

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Big keys where the database has them; SQLite numbers rows only by INTEGER.
BigInt = BigInteger().with_variant(Integer, "sqlite")


def to_json_text(value: Any) -> str:
    """How JSON columns are written. Raises ValueError for what JSON cannot say."""
    return to_json(value).decode()


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


class Keyed:
    """An integer key."""

    __tablename__: str
    id: Mapped[int] = mapped_column(BigInt, primary_key=True)


class Versioned:
    """An optimistic lock: a stale save raises StaleDataError, shown as Conflict."""

    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def session() -> Session:
    """The session of the current app context."""
    return db.session()


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything written inside is committed together at the outermost exit, or not at all.

    Starts from a fresh read of the database: what was loaded before is read again when touched, but for what
    `stays`.
    """
    current = session()
    if current.info.get("in_transaction"):
        yield current
        return
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("Rows were changed outside transaction(); only actions write.")
    goes_on = _end_reading(current)
    hooks: list[Callable[[], None]] = []
    gathered: dict[Any, list[Any]] = {}
    begins = {"in_transaction": True, "begun": goes_on, "seen": set()}
    begins |= {"after_commit": hooks, "gathered": gathered}
    current.info.update(begins)
    try:
        if not goes_on:
            current.connection(execution_options={"writes": True})
        yield current
        saving.flush(current)
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        for name in begins:
            current.info.pop(name, None)
    current.info["leaving"] = gathered
    try:
        _run(hooks)
        while gathered:
            hook = next(iter(gathered))
            _run([partial(hook, gathered.pop(hook))])
    finally:
        current.info.pop("leaving", None)


def flush() -> None:
    """What was changed so far stands in the database."""
    saving.flush(session())


def stays(row: Versioned) -> None:
    """A row that was read as this request began counts for all of it: a transaction does not read it again. Its
    version refuses to write over what somebody else wrote meanwhile."""
    reading.staying(session()).append(row)


def _end_reading(current: Session) -> bool:
    """Whether what was begun for reading goes on; else a new transaction must begin."""
    goes_on = reading.can_go_on(current)
    if not goes_on and reading.staying(current):
        current.commit()  # of nothing; a rollback would forget what stays, too
    elif not goes_on:
        current.rollback()
    reading.forget(current)
    return goes_on


def in_transaction() -> bool:
    return bool(session().info.get("in_transaction"))


def after_commit(hook: Callable[[], None]) -> None:
    """Run `hook` after the outermost commit; never after a rollback. At once when no transaction is open."""
    hooks = session().info.get("after_commit")
    if hooks is None:
        _run([hook])
    else:
        hooks.append(hook)


def together_after_commit(hook: Callable[[list[T]], None], *ones: T) -> None:
    """Run `hook` once after the outermost commit and the hooks of `after_commit`, with all `ones` given in the
    transaction and by these. At once when no transaction is open."""
    info = session().info
    waiting: dict[Any, list[T]] | None = info.get("gathered", info.get("leaving"))
    if waiting is None:
        _run([partial(hook, list(ones))])
    else:
        waiting.setdefault(hook, []).extend(ones)


def first_time(key: str) -> bool:
    """Whether `key` is asked for the first time in this transaction; always True when none is open.

    For what should follow once from a transaction, however many rows it wrote.
    """
    seen: set[str] | None = session().info.get("seen")
    if seen is None:
        return True
    if key in seen:
        return False
    seen.add(key)
    return True


class KeyMark(Base):
    """The highest key that a table ever had, where rows were deleted. Only SQLite forgets it by itself."""

    __tablename__ = "key_mark"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int] = mapped_column(BigInt)


# In one text: a row for each takes longer to read.
_NEXT_NUMBERS = """SELECT string_agg(nextval(pg_get_serial_sequence(%s, 'id'))::text, ' ')
    FROM generate_series(1, %s)"""


def reserve_ids(model: type[Keyed], count: int) -> list[int]:
    """`count` free keys of the model's table, in rising order, so that one INSERT writes all rows.

    Nobody else can get them: PostgreSQL counts them in a sequence; SQLite has one writer at a time, and this
    transaction is it. (An INSERT that tells ids back goes row by row on SQLite.)
    """
    current, table = session(), model.__tablename__
    if current.get_bind().dialect.name == "postgresql":
        [(found,)] = ask(current.connection(), _NEXT_NUMBERS, (table, count))
        return [int(number) for number in (found or "").split()]
    mark = select(KeyMark.last).where(KeyMark.name == table).scalar_subquery()
    highest = select(func.max(model.id)).scalar_subquery()
    last = current.scalar(select(func.max(func.coalesce(highest, 0), func.coalesce(mark, 0)))) or 0
    return list(range(last + 1, last + 1 + count))


@event.listens_for(Session, "after_begin")
def _on_session_begin(current: Session, begun: SessionTransaction, _connection: Connection) -> None:
    """A rollback within transaction() is a mistake: what came before it is lost, and what comes after it begins as a
    read, which SQLite does not let turn into a write while another process writes ("database is locked", at once)."""
    if begun.nested or not current.info.get("in_transaction"):
        return
    if current.info["begun"]:
        raise RuntimeError("The transaction was given up within transaction().")
    current.info["begun"] = True


def _run(hooks: list[Callable[[], None]]) -> None:
    for hook in hooks:
        try:
            hook()
        except Exception:  # the commit stands; what follows it is also found by the tick
            log.exception("after-commit hook failed")
