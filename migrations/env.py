"""Runs the migrations on SQLite and PostgreSQL alike."""

from alembic import context
from flask import current_app

from webapp.core.db import Base, Money, UTCDateTime

engine = current_app.extensions["migrate"].db.engine


def render_item(kind, item, autogen_context):
    """Our column types as the plain ones beneath, so that old migrations never import new code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Money):
        return "sa.Numeric(14, 3).with_variant(sa.BigInteger(), 'sqlite')"
    return False


with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
