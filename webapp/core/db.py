"""The database: one session per app context, one way to write (`with transaction():`), nothing else commits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from flask_sqlalchemy import SQLAlchemy
from pydantic_core import to_json
from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    String,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    declared_attr,
    mapped_column,
)
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine

from webapp.core import (
    clock,
    connecting,  # noqa: F401 - its listeners
    reading,
)

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


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. A naive one is a mistake and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        value = _utc(value)
        return value.replace(tzinfo=None) if value and dialect.name == "sqlite" else value

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """In one step, for SQLite down to its text: the usual way takes three times as long, and pulls write many."""
        return _sqlite_text if dialect.name == "sqlite" else _utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("A time without a zone cannot be stored.")
    return value.astimezone(UTC)


def _sqlite_text(value: datetime | None) -> str | None:
    utc = _utc(value)
    return None if utc is None else clock.sortable(utc)


class Money(TypeDecorator[Decimal]):
    """Numeric(14, 3); on SQLite, which has no decimals, whole thousandths, so that sums stay exact."""

    impl = Numeric(14, 3)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(14, 3))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError("Money is Decimal.")
        scaled = value.scaleb(3)
        if scaled != scaled.to_integral_value():
            raise ValueError("Money has at most three decimals.")
        return int(scaled) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value).scaleb(-3) if dialect.name == "sqlite" else Decimal(value)


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
    finally:
        current.info.pop("leaving", None)


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


def together_after_commit(hook: Callable[[list[T]], None], one: T) -> None:
    """Run `hook` once after the outermost commit, with every `one` given in this transaction, or by hooks before it."""
    info = session().info
    gathered: dict[Any, list[T]] | None = info.get("gathered")
    waiting = info.get("leaving", {}) if gathered is None else gathered
    if hook in waiting:
        waiting[hook].append(one)
    elif gathered is None:
        _run([lambda: hook([one])])
    else:
        gathered[hook] = [one]
        after_commit(lambda: hook(gathered.pop(hook)))


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
_NEXT_NUMBERS = text("""SELECT string_agg(nextval(pg_get_serial_sequence(:table, 'id'))::text, ' ')
    FROM generate_series(1, :n)""")


def reserve_ids(model: type[Keyed], count: int) -> list[int]:
    """`count` free keys of the model's table, in rising order, so that one INSERT writes all rows.

    Nobody else can get them: PostgreSQL counts them in a sequence; SQLite has one writer at a time, and this
    transaction is it. (An INSERT that tells ids back goes row by row on SQLite.)
    """
    current, table = session(), model.__tablename__
    if current.get_bind().dialect.name == "postgresql":
        found = current.connection().scalar(_NEXT_NUMBERS, {"table": table, "n": count}) or ""
        return [int(number) for number in found.split()]
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
