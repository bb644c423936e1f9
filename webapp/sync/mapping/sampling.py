"""A sample of what a system answers: asked for through the egress guard, or pasted."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext

from webapp.core import db, settings
from webapp.core.errors import Invalid, RemoteError
from webapp.core.http import Client, Response
from webapp.sync import tokens
from webapp.sync.connectors.calling import check_base_url
from webapp.sync.connectors.declaration import Declaration, parse_dict
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.mapping import MappedRecord, RecordProblem
from webapp.sync.connectors.parsing import parse_body
from webapp.sync.connectors.probe import ProbeResult
from webapp.sync.mapping.comparing import access_by, scope_by
from webapp.sync.mapping.propose import Answer
from webapp.sync.models import Connection
from webapp.sync.probe import PATIENCE
from webapp.sync.pull import children

LONGEST = 400_000  # characters of a pasted sample
MOST_KEPT = 20  # records that go along with the form
LONGEST_KEPT = 200_000  # characters of them


def fetched(
    *, base_url: str, path: str, auth: Mapping[str, Any], secret: str, allow_http: bool
) -> Answer:
    """What they answer to `path`, with its query, now. Raises Invalid for an address, RemoteError for the rest."""
    address = check_base_url(base_url, allow_http=allow_http)
    path = path.strip()
    if not path.startswith("/") or path.startswith("//") or any(each.isspace() for each in path):
        words = gettext("A path begins with / and has no blanks, such as /issues?state=all.")
        raise Invalid(words, fields={"sample_path": words})
    allowed = settings.current().sync_allowed_nets
    with Client(limits=PATIENCE, allowed_nets=allowed, allow_http=allow_http) as client:
        engine = Engine(_asking(auth), base_url=address, client=client, secret=secret.strip())
        caller = engine.caller
        response = caller.send(caller.build("GET", path))
        form = _form_of(response)
        value = parse_body(response, form=form, host=caller.host)
    return Answer(value, path=path, headers=response.headers, form=form)


def pasted(text: str, *, path: str) -> Answer:
    """Raises Invalid, naming the line."""
    text = text.strip()
    if len(text) > LONGEST:
        raise _wrong(gettext("This is too long: a few records are enough."))
    if not text.startswith("<"):
        try:
            json.loads(text)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            raise _wrong(
                gettext("This is not readable as JSON: look at line %(n)s.", n=line)
            ) from None
    response = Response(200, {}, text.encode(), 0.0, "")
    form = _form_of(response)
    try:
        return Answer(parse_body(response, form=form, host=""), path=path.strip() or "/", form=form)
    except RemoteError:
        raise _wrong(gettext("This is readable neither as JSON nor as XML.")) from None


def first_child(
    connection: Connection, declaration: Declaration, kind: str, found: ProbeResult
) -> tuple[dict[str, Any] | None, MappedRecord | None, str]:
    """The first record of that kind which belongs to the one that a test has read: as it came, as it is read, or why
    it cannot be. Raises RemoteError."""
    if found.sample is None or found.sample_raw is None:
        return None, None, found.sample_problem or gettext("There is no record to look into.")
    access = replace(
        access_by(connection, declaration),
        secret=tokens.read(connection),
        options={**(connection.options or {}), "plan": found.plan},
    )
    scope = scope_by(connection, access.of_kind(kind))
    parent = found.sample.external_id
    asked = children.asked_for(access, kind, parent, found.sample_raw, scope=scope)
    db.session().rollback()  # no transaction stays open over a call
    [family] = children.fetched(access, [asked], sleep=time.sleep)
    if not family.items:
        return None, None, gettext("The first record there has none of these.")
    raw = family.items[0]
    try:
        return raw, family.mapping.map_record(raw), ""
    except RecordProblem as problem:
        return raw, None, problem.reason


def kept(records: list[Any]) -> str:
    """The first records as a text that goes along with the form."""
    some = records[:MOST_KEPT]
    while some:
        text = json.dumps(some, ensure_ascii=False, default=str)
        if len(text) <= LONGEST_KEPT:
            return text
        some = some[: len(some) // 2]
    return "[]"


def unpacked(text: str) -> list[Any]:
    """The other way round; nothing where it is no list."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found[:MOST_KEPT] if isinstance(found, list) else []


def _asking(auth: Mapping[str, Any]) -> Declaration:
    shape = {
        "name": "rest",
        "title": "sample",
        "auth": [dict(auth)],
        "list": {
            "path": "/",
            "items": "",
            "paging": [{"kind": "none"}],
            "incremental": [{"kind": "full"}],
        },
        "record": {"id": "id"},
        "fields": {},
    }
    return parse_dict({"name": "blank", "title": "sample", "shapes": [shape]})


def _form_of(response: Response) -> str:
    return "xml" if response.body.lstrip()[:1] == b"<" else "json"


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"sample_text": sentence})
