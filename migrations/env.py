"""Runs the migrations on SQLite and PostgreSQL alike."""

from alembic import context
from flask import current_app

from webapp.core.columns import Money, UTCDateTime
from webapp.core.db import Base
from webapp.tickets import indexing

engine = current_app.extensions["migrate"].db.engine


def render_item(kind, item, autogen_context):
    """Our column types as the plain ones beneath, so that old migrations never import new code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Money):
        return "sa.Numeric(14, 3).with_variant(sa.BigInteger(), 'sqlite')"
    return False


def lite(connection, statement):
    """To SQLite alone, outside of any transaction."""
    if connection.dialect.name == "sqlite":
        return connection.connection.dbapi_connection.execute(statement).fetchall()
    return []


with engine.connect() as connection:
    # SQLite changes a table by making it anew: with its foreign keys on, dropping the old one would delete, by cascade,
    # what hangs on it.
    lite(connection, "PRAGMA foreign_keys=OFF")
    indexing.remove(connection)
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        include_name=lambda name, kind, _parents: kind != "table" or not indexing.is_ours(name),
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if indexing.exists(connection):
        indexing.install(connection)
    connection.commit()
    hanging = lite(connection, "PRAGMA foreign_key_check")
    lite(connection, "PRAGMA foreign_keys=ON")
    if hanging:
        raise RuntimeError(
            f"Rows refer to rows that are not there: {sorted({row[0] for row in hanging})}"
        )
