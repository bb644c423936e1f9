"""Test connection: which shape answers, whose token it is, what it may do, and one real record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext

from webapp.core.errors import RemoteError
from webapp.core.http import Client
from webapp.sync.connectors.declaration import Declaration, Shape
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.mapping import MappedRecord, RecordProblem
from webapp.sync.connectors.pages import Page
from webapp.sync.connectors.paths import ABSENT, read
from webapp.sync.connectors.plan import Plan, certain_plan
from webapp.sync.connectors.probe.identity import Identity, check_scopes, identify, missing_scopes
from webapp.sync.connectors.probe.proving import AT_ONCE, Trial, prove

# Among the failures of several shapes, the one that says most about what to do.
_TELLING = (
    "unauthorized",
    "forbidden",
    "rate_limited",
    "server",
    "too_large",
    "endless",
    "wrong_shape",
    "not_xml",
    "not_json",
    "redirect",
    "gone",
    "rejected",
    "conflict",
    "not_found",
)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """`plan` is to be kept with the connection. `honours`: what was proved, e.g. {"updated_since": True}.
    `missing_scopes`: permissions that the token lacks for pushing. `skew`: their clock minus ours, s."""

    plan: dict[str, Any]
    shape_title: str
    identity: Identity
    sample_raw: dict[str, Any] | None
    sample: MappedRecord | None
    sample_problem: str
    found: int
    can_push: bool
    missing_scopes: tuple[str, ...]
    honours: dict[str, bool]
    skew: float | None
    requests: int
    warnings: list[str] = field(default_factory=list)


def probe(
    declaration: Declaration,
    *,
    base_url: str,
    client: Client,
    secret: str = "",
    options: Mapping[str, str] | None = None,
    timezone: str = "",
) -> ProbeResult:
    """Tries each shape and each way of signing in. Raises the RemoteError that tells most."""
    trial = Trial(declaration, base_url.rstrip("/"), secret, client, dict(options or {}), timezone)
    failures: list[RemoteError] = []
    for shape in declaration.shapes:
        for position in range(len(shape.auth)):
            base = certain_plan(shape)
            plan = Plan(shape.name, position, base.paging, base.incremental)
            try:
                return _try(trial, shape, plan)
            except RemoteError as error:
                if error.kind in AT_ONCE:
                    raise
                failures.append(error)
                if error.kind not in ("unauthorized", "forbidden"):
                    break  # another way of signing in would not help this shape
    raise min(failures, key=lambda error: _TELLING.index(error.kind))


def _try(trial: Trial, shape: Shape, plan: Plan) -> ProbeResult:
    engine = trial.engine(plan)
    identity = identify(engine, shape.whoami, trial.secret)
    check_scopes(engine, shape, identity)
    asked = datetime.now(UTC)
    page = engine.sample()
    _check_shape(engine, shape, page)
    raw, sample, problem = _sample(engine, page.items)
    plan, honours = prove(trial, shape, plan, page)
    missing = missing_scopes(shape.scopes.push, identity)
    final = trial.engine(plan)
    return ProbeResult(
        plan=plan.to_dict(),
        shape_title=shape.title,
        identity=identity,
        sample_raw=raw,
        sample=sample,
        sample_problem=problem,
        found=page.total if page.total is not None else len(page.items),
        can_push=not missing and any(final.can_push(kind) for kind in shape.push),
        missing_scopes=missing,
        honours=honours,
        skew=_skew(page, asked),
        requests=engine.requests + trial.requests,
        warnings=[*_warnings(page, identity, missing), *_untried_key(final, trial.secret)],
    )


def _skew(page: Page, asked: datetime) -> float | None:
    """To half a second: the Date header has no fractions."""
    if page.server_date is None:
        return None
    return round((page.server_date - asked).total_seconds() + 0.5, 1)


def _check_shape(engine: Engine, shape: Shape, page: Page) -> None:
    """Records without this shape's id, or without what it expects, belong to another shape."""
    records = [item for item in page.items[:20] if isinstance(item, dict)]
    if not page.items:
        return
    for path in (None, *shape.record.expects):
        if path is None:
            seen = any(engine.mapping.find_id(record) is not None for record in records)
        else:
            seen = any(read(record, path) is not ABSENT for record in records)
        if not seen:
            raise engine.caller.wrong_shape(f"{path or shape.record.id[0]} ?")


def _sample(
    engine: Engine, items: list[Any]
) -> tuple[dict[str, Any] | None, MappedRecord | None, str]:
    """The first record that can be applied; else the first one, and why it cannot."""
    problem = ""
    for item in items[:20]:
        try:
            return item, engine.mapping.map_record(item), ""
        except RecordProblem as error:
            problem = problem or error.reason
    first = items[0] if items and isinstance(items[0], dict) else None
    return first, None, problem


def _warnings(page: Page, identity: Identity, missing: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    if not page.items:
        found.append(gettext("There is no record yet, so the fields could not be compared."))
    if missing:
        found.append(
            gettext(
                "The token lacks %(scopes)s: changes made here cannot be sent back.",
                scopes=", ".join(missing),
            )
        )
    if identity.expires_at is not None:
        left = identity.expires_at - datetime.now(UTC)
        if left < timedelta(0):
            found.append(gettext("The token says that it has expired."))
        elif left < timedelta(days=14):
            found.append(gettext("The token expires in %(n)s days.", n=left.days))
    return found


def _untried_key(engine: Engine, secret: str) -> list[str]:
    """Where everybody may read, nothing has shown whether the key is right."""
    calls = engine.shape.push.values()
    if (
        engine.caller.auth.kind != "none"
        or not secret
        or not any(call.needs_secret for call in calls)
    ):
        return []
    return [
        gettext(
            "Reading needs no key here, so the key will only be tried when a change is sent back."
        )
    ]
