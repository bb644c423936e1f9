"""A connection made ready to be called: its declaration, its token and its decided values, as plain values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from webapp.core import db, settings
from webapp.core.http import Client
from webapp.sync import merge, subjects, tokens
from webapp.sync.connectors.declaration import Declaration, Shape
from webapp.sync.connectors.declaration import ValueMap as Words
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.mapping import CompiledMapping, compile_mapping
from webapp.sync.connectors.plan import plan_of
from webapp.sync.connectors.registry import declaration_for
from webapp.sync.connectors.values import inward, outward
from webapp.sync.models import Connection, ValueMap
from webapp.sync.values import child_field

Sleep = Callable[[float], None]
Decided = Mapping[str, Mapping[str, str]]

PARENT = "parent"  # as templates name it
# Kept among the options, and no option of the upstream's.
OURS = ("plan", "timezone")


@dataclass(frozen=True, slots=True)
class Declared:
    declaration: Declaration
    shape: Shape


@dataclass(frozen=True, slots=True)
class Access:
    """All that a call needs, so that no row and no transaction is held over one."""

    declaration: Declaration
    shape: str
    base_url: str
    allow_http: bool
    options: Mapping[str, Any]
    decided: Decided
    secret: str = field(default="", repr=False)
    fallback: str = field(default="", repr=False)  # the token before it, for a day

    @contextmanager
    def engine(self, *, sleep: Sleep = time.sleep) -> Iterator[Engine]:
        """The engine with an HTTP client of its own, closed afterwards."""
        allowed = settings.current().sync_allowed_nets
        with Client(allowed_nets=allowed, allow_http=self.allow_http) as client:
            yield self.engine_on(client, sleep=sleep)

    def of_kind(self, kind: str, *, parent: str = "") -> Access:
        """The same for one kind of the declaration's records; `parent`: the id of the record that they belong to."""
        own = self.declaration.of_kind(kind)
        if own is self.declaration:
            return self
        start = child_field(kind, "")
        decided = {
            name.removeprefix(start): values
            for name, values in self.decided.items()
            if name.startswith(start)
        }
        options = {**self.options, PARENT: parent} if parent else self.options
        return replace(self, declaration=own, options=options, decided=decided)

    def with_fallback(self) -> Access:
        """The same with the token that was replaced."""
        return replace(self, secret=self.fallback, fallback="")

    def engine_on(self, client: Client, *, sleep: Sleep = time.sleep) -> Engine:
        return Engine(
            self.declaration,
            base_url=self.base_url,
            client=client,
            secret=self.secret,
            shape=self.shape,
            plan=self.options.get("plan"),
            options={k: str(v) for k, v in self.options.items() if k not in OURS and v},
            values_in=self.decided,
            timezone=str(self.options.get("timezone") or ""),
            sleep=sleep,
        )

    def mapping(self) -> CompiledMapping:
        """For payloads that are here already."""
        return compile_mapping(
            self.declaration,
            shape_of(self.declaration, self.shape, self.options),
            zone=str(self.options.get("timezone") or ""),
            overrides=self.decided,
        )

    def owners(self) -> dict[str, str]:
        """field → who decides where both sides have changed it, in merge's words; only where it is said."""
        shape = shape_of(self.declaration, self.shape, self.options)
        return {
            name: merge.LOCAL if rule.owner == "ours" else rule.owner
            for name, rule in shape.fields.items()
            if rule.owner is not None
        }

    def projection(self) -> dict[str, dict[str, str]]:
        """field → how each of our values reads after a way there and back, of the fields that are pushed through
        a value map: where they have fewer values than we do, two of ours are one of theirs, and the echo of the
        one must not change the other."""
        shape = shape_of(self.declaration, self.shape, self.options)
        subject = subjects.of(self.declaration.target)
        found: dict[str, dict[str, str]] = {}
        for call in shape.push.values():
            for name in call.fields:
                rule = shape.fields.get(name)
                if rule is None or rule.values is None:
                    continue
                words = shape.values[call.values.get(name, rule.values)]
                decided = self.decided.get(name, {})
                ours = {value for value, _ in subject.choices(name)}
                ours |= {*words.in_.values(), *words.out, *decided.values()}
                reads_as = inward(shape.values[rule.values], decided)
                found[name] = {each: _there_and_back(words, each, reads_as) for each in ours}
        return found


def _there_and_back(words: Words, ours: str, reads_as: Callable[[str], str | None]) -> str:
    theirs = outward(words, ours, {})
    return (reads_as(theirs) if theirs is not None else None) or ours


def access_of(connection: Connection) -> Access:
    """Raises Misconfigured where the token cannot be read."""
    return Access(
        declaration=declaration_for(connection.kind, connection.declaration),
        shape=connection.shape,
        base_url=connection.base_url,
        allow_http=connection.allow_http,
        options=dict(connection.options or {}),
        decided=decided_values(connection.id),
        secret=tokens.read(connection),
        fallback=tokens.read_fall_back(connection),
    )


def declared(connection: Connection, kind: str = "") -> Declared:
    """`kind`: of the records, where it is not the list's own."""
    declaration = declaration_for(connection.kind, connection.declaration)
    if kind:
        declaration = declaration.of_kind(kind)
    return Declared(declaration, shape_of(declaration, connection.shape, connection.options or {}))


def shape_of(declaration: Declaration, name: str, options: Mapping[str, Any]) -> Shape:
    return declaration.shape(plan_of(declaration, options.get("plan"), name).shape)


def decided_values(connection_id: int) -> dict[str, dict[str, str]]:
    """field → {their value: ours}, as far as an admin has decided."""
    found: dict[str, dict[str, str]] = {}
    rows = db.session().execute(
        select(ValueMap.field, ValueMap.upstream, ValueMap.local).where(
            ValueMap.connection_id == connection_id, ValueMap.local.is_not(None)
        )
    )
    for name, upstream, local in rows:
        if local is not None:
            found.setdefault(name, {})[upstream] = local
    return found
