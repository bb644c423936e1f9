"""`/demo`: the demo upstreams, their troubles and what they received; `/demo/mail`: caught mails.

Registered only where TULAY_DEMO is on.
"""

import json
from datetime import timedelta

from flask import Blueprint, Response, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.guards import requires
from webapp.accounts.roles import Permission
from webapp.core.errors import NotFound
from webapp.core.web import render, toast
from webapp.demo import remote
from webapp.demo.mailbox import Mail

bp = Blueprint("demo", __name__, url_prefix="/demo")

# Shown in the sandboxed frame: nothing runs, nothing is loaded, nothing leaves.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@bp.get("")
@requires(Permission.DESK_MANAGE)
def home() -> str:
    """All upstreams with their switches."""
    states = [(item, remote.state_of(item)) for item in remote.upstreams()]
    return render("demo/home.html", states=states, mails=len(remote.mailbox()))


@bp.get("/styleguide")
@requires(Permission.DESK_MANAGE)
def styleguide() -> str:
    """Every component, as the pages use them (docs/design-system.md)."""
    return render("ui/styleguide.html", timedelta=timedelta)


@bp.get("/upstreams/<kind>/received")
@requires(Permission.DESK_MANAGE)
def received(kind: str) -> str:
    """What one upstream received, as a part that refreshes itself."""
    item = remote.upstream(kind)
    return render("demo/_received.html", upstream=item, state=remote.state_of(item))


@bp.post("/upstreams/<kind>/trouble")
@requires(Permission.DESK_MANAGE)
def set_trouble(kind: str) -> BaseResponse:
    """Puts an upstream into trouble, or right again."""
    item, mode = remote.upstream(kind), request.form.get("mode", "")
    trouble = None if mode == remote.PUT_RIGHT else {"mode": mode}
    if remote.order(item, trouble=trouble) is None:
        toast("error", _("%(name)s did not take the order.", name=item.name))
    elif trouble:
        toast("info", _("%(name)s is in trouble now: %(mode)s.", name=item.name, mode=mode))
    else:
        toast("new", _("%(name)s works again.", name=item.name))
    return _back(item)


@bp.post("/upstreams/<kind>/add")
@requires(Permission.DESK_MANAGE)
def add_record(kind: str) -> BaseResponse:
    """Something new arrives at the upstream."""
    item = remote.upstream(kind)
    done = remote.order(item, do="add")
    return _told(item, done, _("%(name)s has something new: %(id)s.", name=item.name, id=_id(done)))


@bp.post("/upstreams/<kind>/change")
@requires(Permission.DESK_MANAGE)
def change_record(kind: str) -> BaseResponse:
    """Somebody at the upstream changes a record."""
    item = remote.upstream(kind)
    done = remote.order(item, do="change")
    return _told(item, done, _("%(name)s has changed %(id)s.", name=item.name, id=_id(done)))


@bp.get("/mail")
@requires(Permission.DESK_MANAGE)
def mails() -> str:
    """Caught mails, newest first."""
    box = remote.mailbox()
    return render("demo/mails.html", mails=box.newest(100), total=len(box))


@bp.get("/mail/<key>")
@requires(Permission.DESK_MANAGE)
def mail(key: str) -> str:
    """One mail: text, HTML in a frame of its own, headers."""
    return render("demo/mail.html", mail=_mail(key))


@bp.get("/mail/<key>/html")
@requires(Permission.DESK_MANAGE)
def mail_html(key: str) -> Response:
    """The HTML of a mail, for the sandboxed frame."""
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    page = (
        '<base target="_blank">' + _mail(key).html
    )  # a link opens beside the desk, not in the frame
    return Response(page, mimetype="text/html", headers=headers)


@bp.app_template_global("demo_token_facts")
def _token_facts(item: remote.Upstream) -> list[tuple[str, Markup]]:
    return [
        (holder, Markup("<code dir='ltr'>{}</code>").format(token)) for token, holder in item.tokens
    ]


@bp.app_template_filter("demo_json")
def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _mail(key: str) -> Mail:
    found = remote.mailbox().find(key)
    if found is None:
        raise NotFound(_("There is no such mail; only the last 500 are kept."))
    return found


def _told(item: remote.Upstream, done: object, text: str) -> BaseResponse:
    if done:
        toast("info", text)
    else:
        toast("error", _("%(name)s did not take the order.", name=item.name))
    return _back(item)


def _id(done: object) -> str:
    record = done.get("done") if isinstance(done, dict) else None
    if not isinstance(record, dict):
        return "–"
    return str(record.get("id") or record.get("service_request_id"))


def _back(item: remote.Upstream) -> BaseResponse:
    return redirect(url_for("demo.home", _anchor=f"upstream-{item.kind}"), 303)
