"""One's own personal tokens for programs that signed in."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response

from webapp.accounts import queries
from webapp.accounts.actions import api_tokens
from webapp.accounts.api import bp
from webapp.accounts.forms import TokenForm
from webapp.accounts.guards import no_personal_tokens, signed_in, viewer
from webapp.accounts.models import ApiToken
from webapp.core import api
from webapp.core.db import transaction


@bp.get("/tokens")
@signed_in
def list_tokens() -> Response:
    page, following = api.page_of(queries.tokens_of(viewer()))
    return api.listed("tokens", [shown(each) for each in page], next_by=("skip", following))


@bp.post("/tokens")
@signed_in
@no_personal_tokens
def make_token() -> Response:
    """`{"name", "scopes": ["read", "write", "admin"], "days"}`; `secret` stands in this answer and nowhere else."""
    form, user = api.parsed(TokenForm), viewer()
    with transaction():
        token, secret = api_tokens.make(
            user, name=form.name, scopes=form.scopes, days=form.days, actor=user.actor
        )
    return api.shown_once(201, token=shown(token), secret=secret)


@bp.delete("/tokens/<int:token_id>")
@signed_in
@no_personal_tokens
def revoke_token(token_id: int) -> Response:
    user = viewer()
    with transaction():
        api_tokens.revoke(user, queries.token_of(user, token_id), actor=user.actor)
    return make_response("", 204)


def shown(token: ApiToken) -> dict[str, Any]:
    used = token.last_used_at
    return {
        "id": token.id,
        "name": token.name,
        "last4": token.last4,
        "scopes": token.scopes.split(),
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": used.isoformat() if used else None,
    }
