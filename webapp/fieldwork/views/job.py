"""One job for those who plan: its page, a new one, what it says, and taking it away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.events.queries import history_of
from webapp.fieldwork import actions, queries, words
from webapp.fieldwork.forms import JobForm, MoveForm, NewJobForm
from webapp.fieldwork.models import Job
from webapp.fieldwork.states import NEED_REASON, moves_of
from webapp.fieldwork.values import JOB_FIELDS, as_sent, job_values
from webapp.fieldwork.views.blueprint import bp, choices, new_client_id, topics
from webapp.tickets.merging import Merged, merge
from webapp.tickets.models import Ticket
from webapp.tickets.queries import ticket_for
from webapp.tickets.relating.queries import ticket_numbered
from webapp.tickets.views.intake import place_map

Answer = str | tuple[str, int] | Response


@bp.get("/jobs/<ref>")
@requires(Permission.JOBS_PLAN)
def show_job(ref: str) -> str:
    job = queries.job_for(viewer(), ref)
    return render("fieldwork/show_job.html", live_topics=topics(f"job:{job.id}"), **shown(job))


@bp.get("/jobs/<ref>/part")
@requires(Permission.JOBS_PLAN)
def job_part(ref: str) -> str:
    """What of its page changes by itself."""
    return render("fieldwork/_job.html", **shown(queries.job_for(viewer(), ref)))


@bp.get("/jobs/new")
@requires(Permission.JOBS_PLAN)
def new_job() -> str:
    return _new_page(_begun(), {})


@bp.post("/jobs/new")
@requires(Permission.JOBS_PLAN)
def create_job() -> Answer:
    typed = {**typed_job(), **{name: request.form.get(name, "") for name in _ONLY_NEW}}
    try:
        form = parse(NewJobForm, typed, context={"zone": viewer().zone})
        with transaction():
            job, _is_new = make_job(form, source="ticket" if form.ticket else "hand")
    except Invalid as error:
        return _new_page(typed, error.fields or {"": error.message}), 422
    toast("new", _("%(ref)s is planned.", ref=job.ref))
    return redirect(url_for(".show_job", ref=job.ref), 303)


@bp.get("/jobs/<ref>/edit")
@requires(Permission.JOBS_PLAN)
def edit_job(ref: str) -> str:
    job = queries.job_for(viewer(), ref)
    return _edit_page(job, job_values(job, zone=viewer().zone), {})


@bp.post("/jobs/<ref>/edit")
@requires(Permission.JOBS_PLAN)
def save_job(ref: str) -> Answer:
    typed, seen = typed_job(), typed_job("seen_")
    merged = Merged({}, {}, typed)
    try:
        with transaction():
            job = queries.job_for(viewer(), ref, lock=True)
            merged = merge(typed, seen=seen, now=job_values(job, zone=viewer().zone))
            form = parse(JobForm, merged.taken, context={"zone": viewer().zone})
            if not merged.disputed:
                change_job(job, form)
    except Invalid as error:
        fields = error.fields or {"": error.message}
        return _edit_page(queries.job_for(viewer(), ref), merged.shown, fields), 422
    if merged.disputed:
        return _edit_page(job, merged.shown, {}, disputed=merged.disputed), 409
    toast("updated", _("%(ref)s is saved.", ref=ref))
    return redirect(url_for(".show_job", ref=ref), 303)


@bp.post("/jobs/<ref>/delete")
@requires(Permission.JOBS_PLAN)
def delete_job(ref: str) -> Response:
    with transaction():
        actions.delete_job(queries.job_for(viewer(), ref, lock=True), actor=viewer().actor)
    toast("info", _("%(ref)s is deleted.", ref=ref))
    return redirect(url_for(".list_jobs"), 303)


_ONLY_NEW = ("checklist", "parts", "client_uuid")


def make_job(form: NewJobForm, *, source: str) -> tuple[Job, bool]:
    """What a form or a program describes, for the person asking."""
    return actions.create_job(
        form.model_dump(),
        actor=viewer().actor,
        crew=queries.crew_named(form.crew),
        ticket=ticket_named(viewer(), form.ticket),
        checklist=form.checklist,
        parts=form.parts,
        source=source,
        client_uuid=form.client_uuid,
    )


def change_job(job: Job, form: JobForm) -> None:
    """Those fields that were given."""
    values = form.model_dump(exclude_unset=True)
    ticket = ticket_named(viewer(), values["ticket"]) if "ticket" in values else None
    actions.edit_job(job, values, actor=viewer().actor, ticket=ticket)
    if "crew" in values:
        actions.assign_crew(job, _crew(job, form.crew), actor=viewer().actor)


def set_state(job: Job, form: MoveForm) -> None:
    actions.move_job(
        job,
        form.state,
        reason=form.reason,
        resolve=form.resolve,
        plans=viewer().may(Permission.JOBS_PLAN),
        actor=viewer().actor,
    )


def ticket_named(user: User, text: str) -> Ticket | None:
    """By its number. Raises Invalid for one that is not there, or that `user` may not see."""
    if not text:
        return None
    found = ticket_numbered(text)
    try:
        return ticket_for(user, found.ref if found else "")
    except NotFound:
        told = _("There is no ticket of that number. It looks like T-2026-000123.")
        raise Invalid(told, fields={"ticket": told}) from None


def typed_job(prefix: str = "") -> dict[str, str]:
    """What the form says of each field; of several values the last, of the crew all."""
    sent = {
        name: request.form.getlist(prefix + name)
        for name in JOB_FIELDS
        if prefix + name in request.form
    }
    typed = {n: ",".join(v) if n == "crew" else v[-1] for n, v in sent.items()}
    return as_sent(typed, zone=viewer().zone)


def shown(job: Job) -> dict[str, Any]:
    """What every page of a job needs."""
    plans = viewer().may(Permission.JOBS_PLAN)
    return {
        "job": job,
        "moves": moves_of(job.state, plans=plans),
        "need_reason": NEED_REASON,
        "plans": plans,
        "people": [(each.id, each.name) for each in queries.active_employees()] if plans else [],
        "events": list(reversed(history_of("job", job.id))) if plans else [],
    }


def _crew(job: Job, ids: tuple[int, ...]) -> list[Any]:
    """Whoever does it already may stay, active or not."""
    known = {each.id: each for each in job.people}
    return [
        *(each for key, each in known.items() if key in ids),
        *queries.crew_named([key for key in ids if key not in known]),
    ]


def _begun() -> dict[str, str]:
    """An empty form, or one that begins with what a ticket says."""
    begun = dict.fromkeys(JOB_FIELDS, "") | {"priority": "2", "resolves_ticket": "1"}
    if number := request.args.get("ticket", ""):
        ticket = ticket_for(viewer(), number)
        begun |= {
            "title": ticket.title,
            "description": ticket.description,
            "place": ticket.place,
            "barangay": ticket.barangay,
            "lat": str(ticket.lat or ""),
            "lng": str(ticket.lng or ""),
            "priority": str(ticket.priority),
            "ticket": ticket.ref,
        }
    return begun | {"client_uuid": new_client_id()}


def _new_page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    values = {"checklist": "", "parts": "", **values}
    return render("fieldwork/new_job.html", values=values, errors=errors, **_around())


def _edit_page(
    job: Job,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    disputed: Mapping[str, str] | None = None,
) -> str:
    told = [(words.field_name(n), their, values[n]) for n, their in (disputed or {}).items()]
    return render(
        "fieldwork/edit_job.html",
        job=job,
        values=values,
        seen=job_values(job, zone=viewer().zone),
        errors=errors,
        disputed=told,
        **_around(),
    )


def _around() -> dict[str, Any]:
    """What the form of a job stands on."""
    return {"live_topics": topics(), "place_map": place_map(), **choices()}
