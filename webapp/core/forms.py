"""From what a browser sent to a typed input model, or to one sentence per wrong field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask_babel import gettext
from pydantic import BaseModel, ValidationError

from webapp.core.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)

# pydantic's error types in words for people; anything else keeps pydantic's own message.
_WORDS = {
    "missing": "Please fill this in.",
    "string_too_short": "Please fill this in.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "value_error.email": "This is no e-mail address. It should look like name@example.org.",
    "int_parsing": "This must be a whole number.",
    "date_from_datetime_parsing": "This must be a day, such as 2026-01-31.",
    "date_from_datetime_inexact": "This must be a day, such as 2026-01-31.",
    "date_parsing": "This must be a day, such as 2026-01-31.",
    "enum": "Please choose one of the list.",
    "literal_error": "Please choose one of the list.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than_equal": "This must be at most {le}.",
}


def parse(
    model: type[Model], form: Mapping[str, Any], *, context: Mapping[str, Any] | None = None
) -> Model:
    """`model` filled from `form` (texts stripped, NUL bytes dropped). Raises Invalid with `fields`.

    `context`: what the model's validators need to know besides, as the choices of a list.
    """
    values = {name: _clean(value) for name, value in form.items() if name in _names(model)}
    try:
        return model.model_validate(values, context=context)
    except ValidationError as error:
        raise Invalid(
            gettext("Please correct the marked fields."), fields=field_errors(error)
        ) from None


def number_from(text: str | None) -> int | None:
    """A row's number from an address, or None."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


def field_errors(error: ValidationError) -> dict[str, str]:
    """Input name → sentence, the first problem of each field. Never repeats what was typed."""
    found: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]) if problem["loc"] else "form"
        found.setdefault(name, _sentence(problem))
    return found


def _sentence(problem: Any) -> str:
    if problem["type"] == "value_error" and "email" in problem["msg"]:
        return gettext(_WORDS["value_error.email"])
    words = _WORDS.get(problem["type"])
    if words is None:
        return str(problem["msg"]).removeprefix("Value error, ")
    return gettext(words).format(**problem.get("ctx", {}))


def _names(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _clean(value: Any) -> Any:
    # PostgreSQL refuses NUL in text; browsers send CRLF.
    return (
        value.replace("\x00", "").replace("\r\n", "\n").strip() if isinstance(value, str) else value
    )
