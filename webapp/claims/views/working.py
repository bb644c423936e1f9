"""What people do on a bulletin's page. To htmx: the changed parts and a toast; to others: 303 back."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import actions, queries, words
from webapp.claims.forms import BulletinNoteForm, BulletinStatusForm
from webapp.claims.models import Bulletin
from webapp.claims.views import bulletin_parts as parts
from webapp.claims.views.blueprint import bp
from webapp.claims.views.bulletin import page
from webapp.claims.views.parts import answer
from webapp.core.db import transaction
from webapp.core.errors import AppError, Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import is_htmx, toast
from webapp.tickets.views import intake
from webapp.tickets.views.intake import Intake, Shown


@bp.post("/bulletins/<int:bulletin_id>/status")
@requires(Permission.CLAIMS_WORK)
def change_bulletin(bulletin_id: int) -> Response:
    try:
        form = parse(BulletinStatusForm, request.form)
        with transaction():
            bulletin = queries.bulletin_for(viewer(), bulletin_id, lock=True)
            _check_fresh(bulletin, form)
            actions.decide_bulletin(
                bulletin,
                status=form.status,
                amount=form.amount,
                rejection_code=form.reason,
                rejection_text=form.text,
                actor=viewer().actor,
            )
    except (Conflict, Invalid) as error:
        return _undecided(queries.bulletin_for(viewer(), bulletin_id), error)
    said = _("%(ref)s: %(status)s", ref=bulletin.number, status=words.status_word(form.status))
    toast("updated", said)
    return _done(bulletin_id, *parts.LIVE)


@bp.post("/bulletins/<int:bulletin_id>/notes")
@requires(Permission.CLAIMS_WORK)
def note_bulletin(bulletin_id: int) -> Response:
    """A note, files, or both."""
    came = intake.read(BulletinNoteForm)
    if came.form is None or not (came.form.body or came.files):
        return _compose_again(bulletin_id, _asked_again(came))
    with transaction():
        bulletin = queries.bulletin_for(viewer(), bulletin_id, lock=True)
        if came.form.body:
            actions.add_bulletin_note(
                bulletin,
                body=came.form.body,
                actor=viewer().actor,
                submission_key=came.form.submission_key,
            )
        for file in came.files:
            actions.add_bulletin_file(bulletin, file, actor=viewer().actor)
    toast("info", _("It is kept. Only staff can see it."))
    return _done(bulletin_id, "notes", "history", "composer")


def _check_fresh(bulletin: Bulletin, form: BulletinStatusForm) -> None:
    """Raises Conflict when the person decided on what is no longer true."""
    if form.seen == bulletin.seen:
        return
    raise Conflict(
        _(
            "Meanwhile this bulletin changed: it is “%(now)s” now, with a total of %(total)s and %(payable)s to be "
            "paid back. Nothing of yours was done; look at it again, then decide.",
            now=words.status_word(bulletin.status),
            total=f"{bulletin.total:,}",
            payable=f"{bulletin.payable:,}",
        )
    )


def _undecided(bulletin: Bulletin, error: AppError) -> Response:
    """The page as it is now, with what was typed and why it was not taken."""
    fields = error.fields if isinstance(error, Invalid) else {}
    again: dict[str, Any] = {
        "typed": request.form,
        "errors": fields,
        "conflict": "" if fields else error.message,
    }
    if is_htmx():
        # htmx takes a form back with 422 only; the page shows the fresh state around it.
        fresh = parts.parts_of(bulletin, *(name for name in parts.LIVE if name != "decision"))
        fresh["decision"] = parts.part("decision", bulletin, **again)
        return make_response(answer(f"bulletin-{bulletin.id}", fresh), 422)
    return make_response(page(bulletin, decision=again), error.status)


def _asked_again(came: Intake[BulletinNoteForm]) -> Shown:
    if came.form is not None:
        return Shown(request.form.to_dict(), {"body": _("Write a note or choose a file first.")})
    return came.again()


def _compose_again(bulletin_id: int, form: Shown) -> Response:
    bulletin = queries.bulletin_for(viewer(), bulletin_id)
    if is_htmx():
        html = parts.part("composer", bulletin, form=form)
        return make_response(answer(f"bulletin-{bulletin_id}", {"composer": html}), 422)
    return make_response(page(bulletin, composer={"form": form}), 422)


def _done(bulletin_id: int, *names: str) -> Response:
    if not is_htmx():
        return redirect(url_for(".show_bulletin", bulletin_id=bulletin_id), 303)
    bulletin = queries.bulletin_for(viewer(), bulletin_id)
    told: dict[str, dict[str, Any]] = {"composer": {"saved": True}, "decision": {"moved": True}}
    fresh = {name: parts.part(name, bulletin, **told.get(name, {})) for name in names}
    return make_response(answer(f"bulletin-{bulletin_id}", fresh))
