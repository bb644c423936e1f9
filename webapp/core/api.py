"""What every JSON address shares: what was sent, lists in pages, and answers that say when nothing has changed."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from flask_babel import gettext
from pydantic import BaseModel

from webapp.core.errors import Invalid
from webapp.core.forms import parse

Model = TypeVar("Model", bound=BaseModel)


def sent(known: set[str]) -> dict[str, Any]:
    """What was sent, an empty body being an empty object. Raises Invalid for anything unexpected."""
    found = request.get_json(silent=True) if request.get_data(cache=True) else {}
    if not isinstance(found, dict):
        raise Invalid(gettext("Send a JSON object with Content-Type: application/json."))
    unknown = sorted(str(name) for name in found.keys() - known)
    if unknown:
        fields = {name: gettext("There is no such field.") for name in unknown}
        raise Invalid(gettext("Some fields are not known here."), fields=fields)
    return found


def parsed(model: type[Model]) -> Model:
    """What was sent as that model. Raises Invalid, which names each wrong or unknown field."""
    return parse(model, sent(set(model.model_fields)))
