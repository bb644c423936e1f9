"""/claims: leads to the first part of the claim side."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires
from webapp.accounts.roles import Permission
from webapp.claims import guards
from webapp.claims.views.blueprint import bp


@bp.get("")
@requires(Permission.CLAIMS_SEE)
def index() -> Response:
    (_words, address, _here), *_rest = guards.tabs()
    return redirect(address)
