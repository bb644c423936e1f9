"""The index that text is searched in: one document a ticket, kept by the database itself.

Triggers keep it, so that whoever writes a ticket or a response (a page, a pull's thousands, an import, a merge) keeps
it too. PostgreSQL: a table of tsvectors with GIN, beside the tickets, so that a change of status never touches it.
SQLite: FTS5 without a copy of the text (`content=''`); it forgets a document by being told what stood in it.
"""

# ruff: noqa: S608 - every name in these statements is ours
from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, TableClause, column, event, table

from webapp.core.db import Base

TABLE = "ticket_search"
ON_SQLITE = table(TABLE, column("rowid"), column("words"))


@cache
def on_postgresql() -> TableClause:
    from sqlalchemy.dialects.postgresql import (
        TSVECTOR,  # here: a desk on SQLite has no such dialect loaded
    )

    return table(TABLE, column("ticket_id"), column("words", TSVECTOR))


COLUMNS = (
    "title",
    "ref",
    "control_number",
    "reporter_name",
    "reporter_email",
    "reporter_phone",
    "place",
    "barangay",
    "description",
)
MOST_LETTERS = (
    150_000  # of one ticket; a tsvector holds a megabyte. What was said last counts first.
)


def is_ours(name: str | None) -> bool:
    """Whether a table belongs to the index (FTS5 keeps some of its own): models do not describe it."""
    return name is not None and name.startswith(TABLE)


def install(connection: Connection) -> None:
    """Function and triggers as they are meant to be now, where the table stands."""
    _run(connection, _statements(connection.dialect.name)[1])


def remove(connection: Connection) -> None:
    """The triggers go: SQLite cannot make a table anew while they look at it."""
    if connection.dialect.name == "sqlite":
        _run(connection, [f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS])


def exists(connection: Connection) -> bool:
    kind = (
        "pg_class WHERE relname"
        if connection.dialect.name == "postgresql"
        else "sqlite_master WHERE name"
    )
    return connection.exec_driver_sql(f"SELECT 1 FROM {kind} = '{TABLE}'").first() is not None


@event.listens_for(Base.metadata, "after_create")
def _create(_metadata: Any, connection: Connection, **_options: Any) -> None:
    """Where tables are made from the models (tests, benchmarks) rather than by migrations."""
    if not exists(connection):
        made, kept = _statements(connection.dialect.name)
        _run(connection, [*made, *kept])


def _statements(dialect: str) -> tuple[list[str], list[str]]:
    if dialect == "postgresql":
        return POSTGRESQL_TABLE, POSTGRESQL_TRIGGERS
    drops = [f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS]
    return SQLITE_TABLE, [*drops, *SQLITE_TRIGGERS.values()]


def _run(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _text(row: str, *, talk: bool) -> str:
    """SQL for everything that is said of the ticket `row`; newest responses first, since long ones are cut."""
    own = " || ' ' || ".join(f"{row}.{name}" for name in COLUMNS)
    return f"{own} || ' ' || coalesce(({_TALK.format(row=row)}), '')" if talk else own


# --- SQLite
_TALK = (
    "SELECT group_concat(body, ' ') FROM "
    "(SELECT body FROM response WHERE ticket_id = {row}.id ORDER BY id DESC)"
)
SQLITE_TABLE = [
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, content='', columnsize=0, "
    "tokenize='unicode61 remove_diacritics 2')"
]
_WATCHED = ", ".join(COLUMNS)
_ENTER = f"INSERT INTO {TABLE}(rowid, words) SELECT t.id, {_text('t', talk=True)} FROM ticket t WHERE t.id = "
_LEAVE = (
    f"INSERT INTO {TABLE}({TABLE}, rowid, words) SELECT 'delete', t.id, {_text('t', talk=True)} "
    "FROM ticket t WHERE t.id = "
)


def _trigger(name: str, when: str, what: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN {what}; END"


SQLITE_TRIGGERS = {
    name: _trigger(name, when, what)
    for name, when, what in (
        (
            f"{TABLE}_ticket_in",
            "AFTER INSERT ON ticket",
            f"INSERT INTO {TABLE}(rowid, words) VALUES (NEW.id, {_text('NEW', talk=False)})",
        ),
        (f"{TABLE}_ticket_old", f"BEFORE UPDATE OF {_WATCHED} ON ticket", _LEAVE + "OLD.id"),
        (f"{TABLE}_ticket_new", f"AFTER UPDATE OF {_WATCHED} ON ticket", _ENTER + "NEW.id"),
        (f"{TABLE}_ticket_out", "BEFORE DELETE ON ticket", _LEAVE + "OLD.id"),
        (f"{TABLE}_said_before", "BEFORE INSERT ON response", _LEAVE + "NEW.ticket_id"),
        (f"{TABLE}_said", "AFTER INSERT ON response", _ENTER + "NEW.ticket_id"),
        (
            f"{TABLE}_reworded_before",
            "BEFORE UPDATE OF body, ticket_id ON response",
            _LEAVE + "OLD.ticket_id; " + _LEAVE + "NEW.ticket_id AND NEW.ticket_id != OLD.ticket_id",
        ),
        (
            f"{TABLE}_reworded",
            "AFTER UPDATE OF body, ticket_id ON response",
            _ENTER + "NEW.ticket_id; " + _ENTER + "OLD.ticket_id AND NEW.ticket_id != OLD.ticket_id",
        ),
        (f"{TABLE}_unsaid_before", "BEFORE DELETE ON response", _LEAVE + "OLD.ticket_id"),
        (f"{TABLE}_unsaid", "AFTER DELETE ON response", _ENTER + "OLD.ticket_id"),
    )
}  # fmt: skip

# --- PostgreSQL
# Signs become blanks and accents go, so that both databases cut text into the same words: PostgreSQL's own
# reading would keep an e-mail address or a number with its minus whole.
_PG_WORDS = rf"""
CREATE OR REPLACE FUNCTION ticket_search_words(said text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
  IF length(said) > {MOST_LETTERS} THEN said := left(said, {MOST_LETTERS}); END IF;
  IF octet_length(said) <> length(said) THEN
    said := normalize(regexp_replace(normalize(said, NFD), '[\u0300-\u036f]+', '', 'g'), NFC);
  END IF;
  RETURN to_tsvector('simple', translate(said, '.-_@/:+<&', '         '));
END $$"""
_PG_OWN = " || ' ' || ".join(f"t.{name}" for name in COLUMNS)
_PG_TALK = "coalesce((SELECT string_agg(body, ' ' ORDER BY id DESC) FROM response WHERE ticket_id = t.id), '')"
PG_DOCUMENT = f"{_PG_OWN} || ' ' || {_PG_TALK}"  # what is said of the ticket t
_PG_REDO = f"""
CREATE OR REPLACE FUNCTION ticket_search_redo(which bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE {TABLE} SET words = ticket_search_words({PG_DOCUMENT})
  FROM ticket t WHERE t.id = which AND ticket_id = which
$$"""
_PG_TICKETS_CAME = f"""
CREATE OR REPLACE FUNCTION {TABLE}_tickets_came() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO {TABLE} (ticket_id, words) SELECT t.id, ticket_search_words({_PG_OWN}) FROM came t;
  RETURN NULL;
END $$"""
_PG_TICKET_CHANGED = f"""
CREATE OR REPLACE FUNCTION {TABLE}_ticket_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM ticket_search_redo(NEW.id);
  RETURN NULL;
END $$"""
_PG_SAID = f"""
CREATE OR REPLACE FUNCTION {TABLE}_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM ticket_search_redo(each.ticket_id) FROM (SELECT DISTINCT ticket_id FROM came) each;
  RETURN NULL;
END $$"""
_PG_REWORDED = f"""
CREATE OR REPLACE FUNCTION {TABLE}_reworded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM ticket_search_redo(OLD.ticket_id);
  IF TG_OP = 'UPDATE' THEN
    IF NEW.ticket_id != OLD.ticket_id THEN PERFORM ticket_search_redo(NEW.ticket_id); END IF;
  END IF;
  RETURN NULL;
END $$"""
POSTGRESQL_TABLE = [
    f"CREATE TABLE {TABLE} (ticket_id bigint NOT NULL CONSTRAINT pk_{TABLE} PRIMARY KEY "
    f"CONSTRAINT fk_{TABLE}_ticket_id REFERENCES ticket (id) ON DELETE CASCADE, words tsvector NOT NULL)",
    f"CREATE INDEX ix_{TABLE}_words ON {TABLE} USING gin (words)",
]
POSTGRESQL_TRIGGERS = [
    *(_PG_WORDS, _PG_REDO, _PG_TICKETS_CAME, _PG_TICKET_CHANGED, _PG_SAID, _PG_REWORDED),
    f"CREATE OR REPLACE TRIGGER {TABLE}_tickets_came AFTER INSERT ON ticket "
    f"REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_tickets_came()",
    f"CREATE OR REPLACE TRIGGER {TABLE}_ticket_changed AFTER UPDATE OF {_WATCHED} ON ticket "
    f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_ticket_changed()",
    f"CREATE OR REPLACE TRIGGER {TABLE}_said AFTER INSERT ON response "
    f"REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_said()",
    f"CREATE OR REPLACE TRIGGER {TABLE}_reworded AFTER DELETE OR UPDATE OF body, ticket_id ON response "
    f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_reworded()",
]  # fmt: skip
