"""Commands: `flask --app webapp COMMAND`."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import click
from flask import Flask

from webapp.core.errors import AppError


def is_up() -> bool:
    """Whether this process is `flask … up`."""
    return sys.argv[1:] != [] and sys.argv[-1] == "up" and "flask" in sys.argv[0]


def is_work() -> bool:
    """Whether this process is `flask … COMMAND` with one of these commands, of which none answers requests."""
    return "flask" in sys.argv[0] and not {each.name for each in COMMANDS}.isdisjoint(sys.argv[1:])


def only_up() -> Flask:
    """An app that is no desk. `up` needs none of its own, and there may be nothing in the environment yet."""
    app = Flask("webapp")
    app.cli.add_command(up)
    return app


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
    if click.get_current_context(silent=True) is not None:  # `flask db …` may come of it
        from webapp.core import migrating

        migrating.init_app(app)


@click.command()
def up() -> None:
    """Start everything on this machine, with embedded parts and demo upstreams."""
    if sys.platform == "darwin":
        os.environ["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"  # else macOS ends what is forked
    # This process becomes the runner: what the flask command has loaded by now would stay for hours.
    os.execv(sys.executable, [sys.executable, "-m", "webapp.demo.up"])  # noqa: S606 - our own


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="Admin")
@click.password_option()
def create_admin(email: str, name: str, password: str) -> None:
    """Create an admin account."""
    from webapp.accounts import actions
    from webapp.core.db import transaction
    from webapp.events.types import SYSTEM

    try:
        with transaction():
            actions.create_user(email, name=name, role="admin", password=password, actor=SYSTEM)
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{email} may sign in as admin.")


@click.command()
@click.argument("connection_id", type=int)
def pull(connection_id: int) -> None:
    """Pull one connection now, in this process."""
    from webapp.sync import tasks

    tasks.pull_now(connection_id)


@click.command()
@click.argument("target")
def redeliver(target: str) -> None:
    """Send what is due for one target (`mail` or `connection:3`) now, in this process."""
    from webapp.outbox import tasks

    tasks.drain(target)


@click.command()
def prune() -> None:
    """Let go of old raw payloads, attempts and runs that brought nothing, as happens every day by itself."""
    from webapp import schedule

    for name, count in schedule.prune().items():
        click.echo(f"{name}: {count}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole desk, database and attachments, into FILE while it runs."""
    from webapp.backup import archive

    try:
        made = archive.write(file)
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{file}: {made.rows} rows of {made.tables} tables, {made.files} attachments.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Bring what `backup` wrote into FILE back, into a desk without any work in it."""
    from webapp.backup import restoring

    try:
        made = restoring.read(file)
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{file}: {made.rows} rows of {made.tables} tables, {made.files} attachments.")


@click.command("mail-in")
def mail_in() -> None:
    """Take one mail from standard input, as a mail server pipes it in.

    Ends with 0 when it is kept, 65 when there was none, 75 when the server should try again later (sysexits.h).
    """
    from sqlalchemy.exc import SQLAlchemyError

    from webapp.core.db import transaction
    from webapp.inbound import receiving, tasks

    raw = sys.stdin.buffer.read()
    if not raw.strip():
        sys.exit(os.EX_DATAERR)
    try:
        with transaction():
            size = len(raw) if len(raw) > receiving.MOST_BYTES else None
            mail_id = receiving.receive(raw, size=size)
    except (SQLAlchemyError, OSError):
        click.echo("The mail cannot be kept now; try again later.", err=True)
        sys.exit(os.EX_TEMPFAIL)
    with contextlib.suppress(SQLAlchemyError, OSError):  # it is kept: the tick takes it
        tasks.take(mail_id)


@click.command("rotate-keys")
def rotate_keys() -> None:
    """Seal every stored secret with the first key of TULAY_SECRET_KEYS. Safe to repeat."""
    from webapp.accounts.actions import second_factor
    from webapp.core.db import transaction
    from webapp.inbound import actions as inbound
    from webapp.push import keys
    from webapp.sync import tokens

    try:
        with transaction():
            done, mailbox, push_key = tokens.reseal_all(), inbound.reseal(), keys.reseal()
            factors = second_factor.reseal_all()
    except AppError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"Sealed anew: {done.resealed}. Already under the first key: {done.unchanged}.")
    if done.unreadable:
        names = ", ".join(sorted(set(done.unreadable)))
        raise click.ClickException(f"No key opens the token of: {names}. Enter it again there.")
    if not mailbox:
        raise click.ClickException(
            "No key opens the password of the mailbox. Enter it again there."
        )
    if not push_key:
        raise click.ClickException("No key opens the private key of web push.")
    if factors:
        words = f"No key opens the second factor of so many people: {factors}. Remove it on their pages."
        raise click.ClickException(words)


@click.command("rebuild-statistics")
def rebuild_statistics() -> None:
    """Count all runs that are kept anew into the totals behind the statistics. Safe to repeat."""
    from webapp.core.db import transaction
    from webapp.sync.queries import connections_overview
    from webapp.sync.statistics import totals

    for connection_id in [each.connection.id for each in connections_overview()]:
        with transaction() as session:
            counted = totals.rebuild(session, connection_id)
        click.echo(f"Connection {connection_id}: {counted} runs counted.")


@click.command("rebuild-progress")
def rebuild_progress() -> None:
    """Work the day totals of people's progress out anew from the events. Safe to repeat."""
    from webapp.core.db import transaction
    from webapp.progress import rollups

    with transaction():
        rows, different = rollups.rebuild()
    click.echo(f"{rows} day totals worked out; {different} were different.")


COMMANDS = (
    up,
    create_admin,
    pull,
    redeliver,
    rotate_keys,
    rebuild_statistics,
    rebuild_progress,
    prune,
    backup,
    restore,
    mail_in,
)
