"""What a test of a connection shows: the finding or the failure, the record, ours that it would become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.accounts.guards import viewer
from webapp.core import db
from webapp.core.errors import AppError, Invalid, RemoteError
from webapp.core.http.redact import HIDDEN, is_secret_name
from webapp.events.record import record
from webapp.sync import probe, subjects
from webapp.sync.connectors.declaration import Declaration
from webapp.sync.connectors.probe import ProbeResult
from webapp.sync.connectors.registry import declaration_for
from webapp.sync.events import ConnectionTested
from webapp.sync.forms import Tried
from webapp.sync.mapping.sampling import first_child
from webapp.sync.models import Connection
from webapp.sync.subjects import Subject
from webapp.sync.tokens import host_of
from webapp.sync.views.fieldwords import value_words

_SAME_CLOCK_S = 2


@dataclass(frozen=True)
class Shown:
    """Either `found` or `error` is set. `raw` is pretty JSON without secrets; `fields`: what ours would hold."""

    found: ProbeResult | None = None
    error: RemoteError | None = None
    raw: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    unmapped: tuple[tuple[str, str], ...] = ()
    skew: str = ""


def trial(
    kind: str,
    wanted: Tried,
    *,
    declaration: Declaration | None = None,
    connection: Connection | None = None,
) -> Shown:
    """Ask them now, and write down who did. Raises Invalid for an address that is none; every other failure is
    shown. `connection`: the saved one that is tested."""
    db.session().rollback()  # no transaction stays open over a call
    shown = _tried(kind, wanted, declaration)
    host = host_of(wanted.base_url)
    fact = ConnectionTested(
        subject_id=connection.id if connection else 0,
        name=connection.name if connection else host,
        host=host,
        outcome=shown.error.kind if shown.error else "ok",
    )
    with db.transaction():
        record(fact, actor=viewer().actor)
    return shown


def _tried(kind: str, wanted: Tried, declaration: Declaration | None) -> Shown:
    try:
        found = probe.test_connection(
            kind=kind,
            base_url=wanted.base_url,
            secret=wanted.secret,
            allow_http=wanted.allow_http,
            options=wanted.options,
            timezone=wanted.timezone,
            declaration=declaration,
        )
    except Invalid:
        raise
    except AppError as error:
        return shown_failure(error)
    return shown_of(found, subjects.of((declaration or declaration_for(kind)).target))


def shown_of(found: ProbeResult, subject: Subject) -> Shown:
    sample = found.sample
    return Shown(
        found=found,
        raw=pretty(found.sample_raw) if found.sample_raw else "",
        fields=tuple(
            (subject.label(name), value_words(subject, name, value))
            for name, value in (sample.fields if sample else {}).items()
        ),
        unmapped=tuple((subject.label(f), v) for f, v in sample.unmapped) if sample else (),
        skew=skew_words(found.skew),
    )


def child_shown(
    connection: Connection, declaration: Declaration, kind: str, found: ProbeResult
) -> Shown:
    """A test's finding with the first record that belongs to the one that it read."""
    try:
        raw, sample, problem = first_child(connection, declaration, kind, found)
    except AppError as error:
        return shown_failure(error)
    own = replace(found, sample_raw=raw, sample=sample, sample_problem=problem)
    return shown_of(own, subjects.of(declaration.of_kind(kind).target))


def shown_failure(error: AppError) -> Shown:
    """A failure in its own words. Our own refusals (a damaged key, say) are told the same way."""
    if isinstance(error, RemoteError):
        return Shown(error=error)
    return Shown(error=RemoteError(error.message, kind="rejected"))


def pretty(payload: Any) -> str:
    """A record as people read JSON, secrets hidden."""
    return json.dumps(_without_secrets(payload), ensure_ascii=False, indent=2, default=str)


def skew_words(seconds: float | None) -> str:
    """How far their clock is from ours."""
    if seconds is None:
        return _("they do not say")
    if abs(seconds) < _SAME_CLOCK_S:
        return _("agrees with ours")
    n = round(abs(seconds))
    if seconds > 0:
        return ngettext("%(num)s second ahead of ours", "%(num)s seconds ahead of ours", n)
    return ngettext("%(num)s second behind ours", "%(num)s seconds behind ours", n)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if is_secret_name(str(key)) else _without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(inner) for inner in value]
    return value
