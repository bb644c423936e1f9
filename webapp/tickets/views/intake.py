"""What the forms with files share: everything wrong is told at once, and nothing typed is lost."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import request
from pydantic import BaseModel

from webapp.accounts.queries import desk
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import allow_images_from
from webapp.tickets import attachments, queries
from webapp.tickets.attachments import StoredFile
from webapp.tickets.portal import uploads
from webapp.tickets.queries import mapped

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Shown:
    """A form as the page shows it: what was typed, what is wrong, which files are already here."""

    values: Mapping[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    kept: Sequence[tuple[str, str]] = ()  # token, file name

    @classmethod
    def fresh(cls, **values: Any) -> Shown:
        return cls({"submission_key": new_key(), **values})


@dataclass(frozen=True)
class Intake(Generic[Model]):
    """What came in. `form` is None when something was wrong; `again` shows it all once more."""

    form: Model | None
    files: Sequence[StoredFile]
    errors: dict[str, str]

    def again(self, whole: str = "") -> Shown:
        """`whole`: what is wrong with the form as such."""
        kept = [(attachments.keep(file), file.name) for file in self.files]
        if kept:
            with transaction():
                uploads.note(self.files)
        values = {"submission_key": new_key(), **request.form.to_dict()}
        errors = {"": whole, **self.errors} if whole else self.errors
        return Shown(values, errors, kept)


class Asked(Protocol):
    """What was answered to a form's own questions (tickets.portal)."""

    @property
    def file_fields(self) -> Sequence[str]: ...

    @property
    def place(self) -> Mapping[str, str]: ...

    @property
    def wrong(self) -> Mapping[str, str]: ...


def read(model: type[Model], *, asked: Asked | None = None, **context: Any) -> Intake[Model]:
    """The request's fields as `model`, its `photos` and `kept` ones stored. `asked`: a form's own questions."""
    form, errors = None, {}
    try:
        form = parse(model, _placed(request.form.to_dict(), asked), context=context)
    except Invalid as error:
        errors = dict(error.fields)
    fields = asked.file_fields if asked else []
    uploads = [each for name in ("photos", *fields) for each in request.files.getlist(name)]
    files, wrong = attachments.store_all(uploads, kept=request.form.getlist("kept"))
    if wrong:
        errors["photos"] = " ".join(wrong)
    if asked:
        errors |= asked.wrong
    return Intake(None if errors else form, files, errors)


def _placed(typed: dict[str, str], asked: Asked | None) -> dict[str, str]:
    """Where the usual fields do not say where it is, the form's own place does; latitude and longitude go together."""
    own = dict(asked.place) if asked else {}
    has_point = bool(typed.get("lat") and typed.get("lng"))
    kept = {"lat", "lng"} if has_point else set()
    kept |= {"place"} if typed.get("place", "").strip() else set()
    return typed | {name: value for name, value in own.items() if name not in kept}


def place_map() -> dict[str, Any]:
    """What a place is chosen on: the desk's map pictures, and where they open. Nothing where it has none."""
    found = desk()
    if not found.tiles_url:
        return {}
    allow_tiles(found.tiles_url)
    return {"tiles": found.tiles_url, "credit": found.tiles_credit, "start": mapped.usual_area()}


def allow_tiles(address: str) -> None:
    """This page may show the map pictures of that address, if there is one."""
    if address:
        host = urlsplit(address)
        allow_images_from(f"{host.scheme}://{host.netloc}")


def category_choices() -> list[tuple[str, str]]:
    """(value, label) of what a reporter may choose."""
    return [(name, name) for name in queries.active_categories()]


def new_key() -> str:
    """Tells one showing of a form from another, so that it counts once however often it is sent."""
    return secrets.token_urlsafe(32)
