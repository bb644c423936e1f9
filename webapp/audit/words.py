"""The words for stored values: field names, statuses, states. What is unknown is shown as it is stored."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.claims import words as claims
from webapp.fieldwork import words as fieldwork
from webapp.tickets.words import status_name

STATES: dict[str, Any] = {
    "sent": _l("sent"),
    "confirmed by reading": _l("it had it already; confirmed by reading"),
    "nothing to do": _l("nothing was left to send"),
}

FIELDS: dict[str, Any] = {
    "title": _l("title"),
    "description": _l("description"),
    "category": _l("category"),
    "refined_category": _l("refined category"),
    "barangay": _l("barangay"),
    "place": _l("place"),
    "lat": _l("latitude"),
    "lng": _l("longitude"),
    "status": _l("status"),
    "external_status": _l("upstream status"),
    "reporter_name": _l("reporter"),
    "reporter_email": _l("reporter's e-mail"),
    "reporter_phone": _l("contact number"),
    "source_url": _l("link to the report"),
    "control_number": _l("control number"),
    "attachments": _l("photos and files"),
    "priority": _l("priority"),
    "due_at": _l("due time"),
    "starts_at": _l("beginning"),
    "ends_at": _l("end"),
    "resolves_ticket": _l("whether it resolves its ticket"),
    "areas": _l("areas"),
    "absent": _l("absence"),
    "team": _l("team"),
    "tags": _l("tags"),
    "teams": _l("teams"),
    "name": _l("name"),
    "base_url": _l("address"),
    "interval_minutes": _l("interval"),
    "overlap_minutes": _l("overlap"),
    "push_enabled": _l("sending changes back"),
    "allow_http": _l("unencrypted http"),
    "options": _l("options"),
    "token": _l("token"),
    "secret": _l("token"),
    "email": _l("e-mail"),
    "role": _l("role"),
    "active": _l("may sign in"),
    "password": _l("password"),
    "timezone": _l("time zone"),
    "toasts": _l("toasts"),
    "notices": _l("notices by role"),
    "intro": _l("introduction"),
    "public_reports": _l("public reports"),
    "categories": _l("categories"),
    "assignment_rules": _l("rules of assignment"),
    "undo_send_s": _l("seconds to call an answer back"),
    "cluster": _l("cluster"),
    "forms": _l("report forms"),
    "signup": _l("who may join"),
    "signup_domains": _l("domains whose people may join"),
    "signup_role": _l("role of who joins"),
    "factor_roles": _l("roles with a second factor"),
    "tiles_url": _l("the map's pictures"),
    "tiles_credit": _l("the map's credit"),
}

SUBJECTS: dict[str, Any] = {
    "ticket": _l("Tickets"),
    "cluster": _l("Clusters"),
    "reply": _l("Saved replies"),
    "connection": _l("Connections"),
    "delivery": _l("Deliveries"),
    "user": _l("People"),
    "desk": _l("Settings"),
    "bordereau": _l("Bordereaux"),
    "bulletin": _l("Bulletins"),
    "payment_batch": _l("Payments"),
    "client": _l("Clients"),
    "contract": _l("Contracts"),
    "claim_settings": _l("Claims: settings"),
    "claim_list": _l("Claims: exported lists"),
    "import": _l("Imports"),
    "ticket_list": _l("Tickets: exported lists"),
    "view": _l("Tickets: saved views"),
    "job": _l("Jobs"),
    "employee": _l("Employees"),
    "recurring_job": _l("Recurring jobs"),
    "audit": _l("Audit trail"),
}

ACTORS: dict[str, Any] = {
    "user": _l("Staff"),
    "reporter": _l("Reporters"),
    "connection": _l("Upstreams"),
    "system": _l("Tulay itself"),
}


def field_word(name: str) -> str:
    return str(FIELDS.get(name) or claims.FIELDS.get(name) or name.replace("_", " "))


def state_word(value: str) -> str:
    known = STATES.get(value) or claims.STATUSES.get(value)
    return str(known or fieldwork.state_name(status_name(value)))
