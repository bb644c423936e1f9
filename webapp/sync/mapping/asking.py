"""How they are asked, as a form: where the list is, how it is paged, how one signs in. Pure.

Only a shape that knows one way of each can be edited here; the text is for all others.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from webapp.core.errors import Invalid
from webapp.sync.mapping.document import Document
from webapp.sync.mapping.editor import Form

AUTHS = ("none", "bearer", "header", "query", "basic")
PAGINGS = ("none", "cursor", "page_number", "offset", "link")
INCREMENTALS = ("full", "updated_since")
FORMATS = ("iso_z", "iso", "date", "epoch", "epoch_ms")


def asking_values(shape: Document) -> dict[str, str] | None:
    """The controls' values; None for a shape that has to be edited as text."""
    auths, call = shape.get("auth") or [], shape["list"]
    pagings, incrementals = call["paging"], call["incremental"]
    if not (len(auths) == len(pagings) == len(incrementals) == 1):
        return None
    auth, paging, incremental, record = auths[0], pagings[0], incrementals[0], shape["record"]
    if (
        auth["kind"] not in AUTHS
        or paging["kind"] not in PAGINGS
        or incremental["kind"] not in INCREMENTALS
    ):
        return None
    return {
        "format": shape.get("format", "json"),
        "base_path": shape.get("base_path", ""),
        "path": call["path"],
        "params": ", ".join(f"{k}={v}" for k, v in (call.get("params") or {}).items()),
        "items": _listed(call["items"]),
        "auth": auth["kind"],
        "auth_name": auth.get("name", ""),
        "auth_prefix": auth.get("prefix", ""),
        "paging": paging["kind"],
        "param": paging.get("param", ""),
        "size_param": paging.get("size_param") or "",
        "size": str(paging.get("size", 100)),
        "first": str(paging.get("first", 1)),
        "next": _listed(paging.get("next") or ""),
        "incremental": incremental["kind"],
        "since": incremental.get("param", ""),
        "since_format": incremental.get("format", "iso_z"),
        "one": (shape.get("get") or {}).get("path", ""),
        "id": _listed(record["id"]),
        "updated": _paths(record.get("updated_at")),
        "created": _paths(record.get("created_at")),
    }


def put_asking(shape: Document, form: Form) -> None:
    """The controls `a__…` into the shape. Raises Invalid, naming them."""
    if asking_values(shape) is None or not form.get("a__path"):
        return

    def said(name: str) -> str:
        return form.get(f"a__{name}").strip()

    wrong: dict[str, str] = {}
    shape["format"] = said("format") or "json"
    shape["base_path"] = said("base_path").rstrip("/")
    call = shape["list"]
    call["path"] = said("path")
    params = dict(
        pair.strip().partition("=")[::2] for pair in said("params").split(",") if pair.strip()
    )
    call["params"] = params
    items = [each.strip() for each in said("items").split(",")]
    call["items"] = items if len(items) > 1 else items[0]
    call["paging"] = [_kept(call["paging"][0], _paging(said, wrong))]
    call["incremental"] = [_kept(call["incremental"][0], _incremental(said, wrong))]
    shape["auth"] = [_auth(said, wrong, before=shape["auth"][0].get("prefix", ""))]
    _put_get(shape, said("one"), wrong)
    _put_record(shape["record"], said, wrong)
    if wrong:
        raise Invalid(gettext("Please correct the marked fields."), fields=wrong)


_SHOWN = ("param", "next", "size_param", "size", "first", "format")


def _kept(before: Document, after: Document) -> Document:
    """What the form does not show stays, as long as it is the same way."""
    if before["kind"] != after["kind"]:
        return after
    return {name: value for name, value in before.items() if name not in _SHOWN} | after


def _paging(said: Any, wrong: dict[str, str]) -> Document:
    kind = said("paging") if said("paging") in PAGINGS else "none"
    paging: Document = {"kind": kind}
    if kind in ("cursor", "page_number", "offset"):
        usual = {"page_number": "page", "offset": "offset"}.get(kind, "")
        paging["param"] = said("param") or usual
        if not paging["param"]:
            wrong["a__param"] = gettext("Name the parameter that carries the cursor.")
    if kind in ("cursor", "link") and said("next"):
        paging["next"] = said("next")
    if kind == "cursor" and not said("next"):
        wrong["a__next"] = gettext("Say where in the answer the next cursor is.")
    if kind == "page_number" and said("first") == "0":
        paging["first"] = 0
    if kind != "none" and said("size_param"):
        paging["size_param"] = said("size_param")
    size = said("size") or "100"
    if kind != "none":
        if size.isdecimal() and 1 <= int(size) <= 1000:
            paging["size"] = int(size)
        else:
            wrong["a__size"] = gettext("A page holds 1 to 1000 records.")
    return paging


def _incremental(said: Any, wrong: dict[str, str]) -> Document:
    if said("incremental") != "updated_since":
        return {"kind": "full"}
    if not said("since"):
        wrong["a__since"] = gettext("Name the parameter that takes the time.")
    kind = said("since_format") if said("since_format") in FORMATS else "iso_z"
    return {"kind": "updated_since", "param": said("since"), "format": kind}


def _auth(said: Any, wrong: dict[str, str], *, before: str) -> Document:
    kind = said("auth") if said("auth") in AUTHS else "none"
    auth: Document = {"kind": kind}
    if kind in ("header", "query"):
        auth["name"] = said("auth_name")
        if not auth["name"]:
            wrong["a__auth_name"] = gettext("Name the header or parameter that carries the key.")
    if kind == "header" and said("auth_prefix"):
        same = before.strip() == said("auth_prefix")
        auth["prefix"] = before if same else said("auth_prefix") + " "
    return auth


def _put_get(shape: Document, path: str, wrong: dict[str, str]) -> None:
    if not path:
        shape.pop("get", None)
    elif "{id}" not in path:
        wrong["a__one"] = gettext("The address of one record holds {id}.")
    else:
        shape["get"] = {**(shape.get("get") or {}), "path": path}


def _put_record(record: Document, said: Any, wrong: dict[str, str]) -> None:
    ids = _split(said("id"))
    if not ids:
        wrong["a__id"] = gettext("Say which of their fields holds the id.")
    record["id"] = ids if len(ids) > 1 else (ids or ["id"])[0]
    for name, control in (("updated_at", "updated"), ("created_at", "created")):
        paths = _split(said(control))
        before = record.get(name)
        if not paths:
            record.pop(name, None)
        elif isinstance(before, dict):
            record[name] = {**before, "from": paths}
        else:
            record[name] = paths


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _listed(paths: Any) -> str:
    return paths if isinstance(paths, str) else ", ".join(paths)


def _paths(rule: Any) -> str:
    if rule is None:
        return ""
    return _listed(rule["from"] if isinstance(rule, dict) else rule)
