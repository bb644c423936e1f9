"""Test connection: which shape answers, whose token it is, what it may do, and one real record."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from webapp.core.errors import RemoteError
from webapp.core.http import Client
from webapp.core.http.failures import failure
from webapp.sync.connectors.calling import Caller
from webapp.sync.connectors.declaration import (
    Declaration,
    FullList,
    Incremental,
    Shape,
    UpdatedSince,
    Whoami,
)
from webapp.sync.connectors.engine import Engine, Page
from webapp.sync.connectors.mapping import MappedRecord, RecordProblem
from webapp.sync.connectors.paths import ABSENT, compile_path, read
from webapp.sync.connectors.plan import Plan, certain_plan
from webapp.sync.connectors.transforms import parse_moment, write_moment

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
# These have nothing to do with the shape: another try would only fail again, later.
_AT_ONCE = frozenset({"network", "dns", "tls", "timeout", "blocked"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token it is. `scopes` None: the upstream does not say."""

    account: str = ""
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None


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


@dataclass(slots=True)
class _Probe:
    declaration: Declaration
    base_url: str
    secret: str
    client: Client
    options: Mapping[str, str]
    timezone: str
    requests: int = 0

    def engine(self, plan: Plan) -> Engine:
        return Engine(
            self.declaration,
            base_url=self.base_url,
            client=self.client,
            secret=self.secret,
            plan=plan,
            options=self.options,
            timezone=self.timezone,
        )


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
    trial = _Probe(declaration, base_url.rstrip("/"), secret, client, dict(options or {}), timezone)
    failures: list[RemoteError] = []
    for shape in declaration.shapes:
        for position in range(len(shape.auth)):
            base = certain_plan(shape)
            plan = Plan(shape.name, position, base.paging, base.incremental)
            try:
                return _try(trial, shape, plan)
            except RemoteError as error:
                if error.kind in _AT_ONCE:
                    raise
                failures.append(error)
                if error.kind not in ("unauthorized", "forbidden"):
                    break  # another way of signing in would not help this shape
    raise min(failures, key=lambda error: _TELLING.index(error.kind))


def _try(trial: _Probe, shape: Shape, plan: Plan) -> ProbeResult:
    engine = trial.engine(plan)
    identity = _identity(engine, shape.whoami, trial.secret)
    _check_scopes(engine, shape, identity)
    asked = datetime.now(UTC)
    page = engine.sample()
    _check_shape(engine, shape, page)
    raw, sample, problem = _sample(engine, page.items)
    plan, honours = _proved(trial, shape, plan, page)
    missing = _missing(shape.scopes.push, identity)
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
        warnings=_warnings(page, identity, missing),
    )


def _skew(page: Page, asked: datetime) -> float | None:
    """To half a second: the Date header has no fractions."""
    if page.server_date is None:
        return None
    return round((page.server_date - asked).total_seconds() + 0.5, 1)


def _identity(engine: Engine, whoami: Whoami | None, secret: str) -> Identity:
    if whoami is None:
        return Identity(expires_at=token_expiry(secret))
    caller: Caller = engine.caller
    found = caller.get(whoami.path)
    account = _first_text(found, whoami.account)
    if account is None:
        raise caller.wrong_shape(f"{whoami.account[0]} ?")
    said = read(found, whoami.expires_at) if whoami.expires_at else None
    return Identity(
        account=account,
        scopes=_scopes(found, whoami.scopes),
        expires_at=_moment(said) or token_expiry(secret),
    )


def _first_text(found: Any, paths: tuple[str, ...]) -> str | None:
    for path in paths:
        value = compile_path(path)(found)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()
    return None


def _scopes(found: Any, path: str | None) -> tuple[str, ...] | None:
    value = read(found, path) if path else None
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    return tuple(str(each) for each in value) if isinstance(value, list) else None


def _moment(value: Any) -> datetime | None:
    try:
        return parse_moment(value, zone=ZoneInfo("UTC")) if value not in (None, ABSENT) else None
    except ValueError:
        return None


def token_expiry(secret: str) -> datetime | None:
    """When a JWT ends, read from the token itself; None for other tokens. Nothing is verified."""
    parts = secret.strip().split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError):
        return None


def _check_scopes(engine: Engine, shape: Shape, identity: Identity) -> None:
    missing = _missing(shape.scopes.pull, identity)
    if missing:
        host = engine.caller.host
        raise failure(
            "forbidden",
            host,
            message=gettext(
                "The token lacks the permission %(scopes)s.", scopes=", ".join(missing)
            ),
            advice=gettext(
                "Ask the owner of %(host)s for a token with this permission.", host=host
            ),
        )


def _missing(needed: tuple[str, ...], identity: Identity) -> tuple[str, ...]:
    if identity.scopes is None:
        return ()
    return tuple(scope for scope in needed if scope not in identity.scopes)


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


def _proved(trial: _Probe, shape: Shape, plan: Plan, page: Page) -> tuple[Plan, dict[str, bool]]:
    """Tries what the declaration wants proved; takes the first option that is certain or proved."""
    honours: dict[str, bool] = {}
    incremental, paging = plan.incremental, plan.paging
    for position, way in enumerate(shape.list.incremental):
        if not way.prove:
            incremental = position
            break
        honours[way.kind] = _filters(trial, way, plan, page)
        if honours[way.kind]:
            incremental = position
            break
    for position, walk in enumerate(shape.list.paging):
        if not walk.prove:
            paging = position
            break
        honours[walk.kind] = _moves_on(
            trial, Plan(plan.shape, plan.auth, position, plan.incremental)
        )
        if honours[walk.kind]:
            paging = position
            break
    return Plan(plan.shape, plan.auth, paging, incremental), honours


def _filters(trial: _Probe, way: Incremental, plan: Plan, page: Page) -> bool:
    """A filter is honoured when nothing has changed since next year, and something has at all.

    It is of no use where records lack the time that it goes by: they would never be listed.
    """
    engine = trial.engine(plan)
    if not page.items or isinstance(way, FullList) or not _all_dated(engine, way, page.items):
        return False
    param = way.param if isinstance(way, UpdatedSince) else way.from_param
    next_year = write_moment(datetime.now(UTC) + timedelta(days=365), way.format)
    try:
        return engine.sample({param: next_year}).items == []
    except RemoteError as error:
        if error.kind in _AT_ONCE or error.kind == "rate_limited":
            raise
        return False
    finally:
        trial.requests += engine.requests


def _all_dated(engine: Engine, way: Incremental, items: list[Any]) -> bool:
    for item in items:
        try:
            record = engine.mapping.map_record(item)
        except RecordProblem:
            continue
        moment = record.updated_at if isinstance(way, UpdatedSince) else record.created_at
        if moment is None:
            return False
    return True


def _moves_on(trial: _Probe, plan: Plan) -> bool:
    """Paging is honoured when the second page is another one than the first."""
    engine = trial.engine(plan)
    pages: list[Page] = []
    try:
        pages.extend(itertools.islice(engine.pages(), 2))
    except RemoteError as error:
        if error.kind in _AT_ONCE or error.kind == "rate_limited":
            raise
        return False
    finally:
        trial.requests += engine.requests
    return len(pages) == 2 or pages[0].is_last


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
