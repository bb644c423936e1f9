"""What is done to a job, by planners and in the field alike. Each form carries a `client_id`: sent again, by a person
or by a device that had no network, it changes nothing more and gets the same answer. Forms: 303; programs: JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.core.forms import number_from, parse
from webapp.core.once import receipt_of, with_receipt
from webapp.core.web import problem, safe_next, toast, wants_json
from webapp.fieldwork import actions, offline, queries, words
from webapp.fieldwork.events import JobItemChanged, JobMoved, JobPartChanged
from webapp.fieldwork.forms import MoveForm, NoteForm, client_id
from webapp.fieldwork.models import Job
from webapp.fieldwork.shown import job_json
from webapp.fieldwork.views.blueprint import bp
from webapp.fieldwork.views.job import set_state
from webapp.tickets import attachments
from webapp.tickets.attachments import StoredFile
from webapp.tickets.texts import clean_line
from webapp.tickets.views.files import requested_file

Deed = Callable[[Job], dict[str, Any]]
# Of a form: how it is sent, and what it was made from; not what is asked for.
_NOT_SAID = ("client_id", "csrf_token", "back", "seen", "after")


@bp.post("/jobs/<ref>/move")
@requires(Permission.JOBS_WORK)
def move(ref: str) -> Response:
    form = parse(MoveForm, request.form)

    def do(job: Job) -> dict[str, Any]:
        if offline.is_wanted(
            "state",
            form.state,
            base=form.seen or None,
            now=job.state,
            say=words.state_name,
            meanwhile=lambda: queries.last_change(job.id, JobMoved.type),
        ):
            offline.check_arrived(form.after, person_id=viewer().id)
            set_state(job, form)
        return {"state": job.state}

    name = words.state_name(form.state)
    return _deed(ref, "move", do, _("%(ref)s: %(state)s", ref=ref, state=name))


@bp.post("/jobs/<ref>/crew")
@requires(Permission.JOBS_PLAN)
def give(ref: str) -> Response:
    """To those who are ticked, or to one more (`add`)."""
    ids = {key for text in request.form.getlist("crew") if (key := number_from(text))}

    def do(job: Job) -> dict[str, Any]:
        kept = {each.id: each for each in job.people}
        wanted = {*kept, *ids} if request.form.get("add") else ids
        crew = [*(kept[key] for key in kept if key in wanted)]
        crew += queries.crew_named([key for key in wanted if key not in kept])
        actions.assign_crew(job, crew, actor=viewer().actor)
        return {"crew": [each.id for each in crew]}

    return _deed(ref, "crew", do, _("The crew of %(ref)s is set.", ref=ref))


@bp.post("/jobs/<ref>/items")
@requires(Permission.JOBS_WORK)
def add_item(ref: str) -> Response:
    text, actor = clean_line(request.form.get("text", "")), viewer().actor

    def do(job: Job) -> dict[str, Any]:
        return {"item": _flushed(actions.add_item(job, text, actor=actor))}

    return _deed(ref, "item", do, _("It is on the list."))


@bp.post("/jobs/<ref>/items/<int:item_id>")
@requires(Permission.JOBS_WORK)
def change_item(ref: str, item_id: int) -> Response:
    """Done or not, or gone: the pressed button says which."""
    wish, actor = request.form.get("do", ""), viewer().actor

    def do(job: Job) -> dict[str, Any]:
        if wish in ("done", "undone"):
            return {"item": _tick(job, item_id, wish)}
        if wish == "remove":
            actions.remove_item(job, item_id, actor=actor)
        else:
            raise Invalid(_("Choose what is to be done with it."))
        return {"item": item_id}

    return _deed(ref, f"item {item_id}", do, "")


@bp.post("/jobs/<ref>/parts")
@requires(Permission.JOBS_WORK)
def add_part(ref: str) -> Response:
    line, actor = clean_line(request.form.get("part", "")), viewer().actor
    used = request.form.get("do") == "used"

    def do(job: Job) -> dict[str, Any]:
        return {"part": _flushed(actions.add_part(job, line, used=used, actor=actor))}

    return _deed(ref, "part", do, _("The part is noted."))


@bp.post("/jobs/<ref>/parts/<int:part_id>")
@requires(Permission.JOBS_WORK)
def change_part(ref: str, part_id: int) -> Response:
    """So many were used, or it is not needed: the pressed button says which."""
    wish, used = request.form.get("do", "used"), number_from(request.form.get("used"))

    def do(job: Job) -> dict[str, Any]:
        if wish == "remove":
            actions.remove_part(job, part_id, actor=viewer().actor)
        else:
            _use(job, part_id, -1 if used is None else used)
        return {"part": part_id}

    return _deed(ref, f"part {part_id}", do, _("The part is noted."))


@bp.post("/jobs/<ref>/notes")
@requires(Permission.JOBS_WORK)
def add_note(ref: str) -> Response:
    form = parse(NoteForm, request.form)

    def do(job: Job) -> dict[str, Any]:
        return {"note": actions.add_note(job, form.body, actor=viewer().actor).id}

    return _deed(ref, "note", do, _("The note is kept."))


@bp.post("/jobs/<ref>/files")
@requires(Permission.JOBS_WORK)
def add_files(ref: str) -> Response:
    """Photos, or a signature with the name of who signed."""
    signed_by = clean_line(request.form.get("signed_by", ""))[:200]
    signs = bool(signed_by or request.files.getlist("signature"))
    files = [] if _is_done() else _stored("signature" if signs else "photos")
    if signs and not signed_by:
        told = _("Write the name of who signs.")
        raise Invalid(told, fields={"signed_by": told})

    def do(job: Job) -> dict[str, Any]:
        kind = actions.SIGNATURE if signs else actions.PHOTO
        made = [
            actions.add_file(job, file, kind=kind, signed_by=signed_by, actor=viewer().actor)
            for file in files
        ]
        return {"files": [each.id for each in made]}

    return _deed(ref, "files", do, _("Signed.") if signs else _("The photos are kept."))


@bp.get("/jobs/<ref>/files/<int:file_id>")
@requires(Permission.JOBS_WORK)
def job_file(ref: str, file_id: int) -> Response:
    return requested_file(queries.file_of(queries.job_for(viewer(), ref), file_id))


def _deed(ref: str, name: str, do: Deed, said: str) -> Response:
    """Does it once for its `client_id`, in one transaction with its receipt. Devices that were offline send here."""
    try:
        with transaction():
            job = queries.job_for(viewer(), ref, lock=True)
            receipt = with_receipt(
                client_id(request.form.get("client_id")),
                person_id=viewer().id,
                deed=f"{name} {job.id} {_digest()}"[:80],
                do=lambda: do(job),
            )
    except offline.Disputed as error:
        if not wants_json():
            raise
        return problem(error, outcome="conflict", conflicts=error.conflicts)
    if wants_json():
        return jsonify(outcome="done", said=said, job=job_json(job), receipt=receipt)
    if said:
        toast("updated", said)
    page = "fieldwork.show_job" if viewer().may(Permission.JOBS_PLAN) else "fieldwork.my_job"
    return redirect(safe_next(request.form.get("back"), url_for(page, ref=ref)), 303)


def _tick(job: Job, item_id: int, wish: str) -> int:
    """The item's number: a new one where somebody took it off the list, and the person wants it nevertheless.
    (SQLite gives a number that is free again to the next one: so the text must fit, too.)"""
    text, base = clean_line(request.form.get("text", "")), request.form.get("seen")
    meant = (one for one in job.items if one.id == item_id and text in ("", one.text))
    item, actor = next(meant, None), viewer().actor
    if item is None and not (base and text):
        raise NotFound(_("There is no such thing to do."))
    now = "gone" if item is None else "done" if item.done_at else "undone"
    if offline.is_wanted(
        "item",
        wish,
        base=base or None,
        now=now,
        say=words.item_state,
        meanwhile=lambda: queries.last_change(job.id, JobItemChanged.type, text=text),
    ):
        item_id = item_id if item else _flushed(actions.add_item(job, text, actor=actor))
        actions.set_item(job, item_id, done=wish == "done", actor=actor)
    return item_id


def _use(job: Job, part_id: int, used: int) -> None:
    part = queries.part_of(job, part_id)
    if offline.is_wanted(
        "used",
        str(used),
        base=request.form.get("seen"),
        now="" if part.used is None else str(part.used),
        say=words.used,
        meanwhile=lambda: queries.last_change(job.id, JobPartChanged.type, text=part.name),
    ):
        actions.use_part(job, part_id, used=used, actor=viewer().actor)


def _is_done() -> bool:
    """Whether this was done before: then its files need not be looked at again."""
    key = client_id(request.form.get("client_id"))
    return key is not None and receipt_of(key, person_id=viewer().id) is not None


def _digest() -> str:
    """Of what was asked for, so that one key never stands for two wishes."""
    said = sorted(item for item in request.form.items(multi=True) if item[0] not in _NOT_SAID)
    return hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()


def _stored(field: str) -> list[StoredFile]:
    files, errors = attachments.store_all(request.files.getlist(field))
    if errors or not files:
        told = errors[0] if errors else _("Choose a photo, or sign, first.")
        raise Invalid(told, fields={field: told})
    return files


def _flushed(row: Any) -> int:
    return int(row.id)
