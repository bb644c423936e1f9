"""Each past fact as a sentence. Stored facts are data; how they read is decided here, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from webapp.audit.phrases import TABLE
from webapp.audit.words import field_word, state_word
from webapp.claims.words import rejection_word
from webapp.events.models import Event

# The event's subject, named by a label, as a link; the label alone where nothing can be opened.
Link = Callable[[Event, str], Markup]
Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class Told:
    """One event as shown: a sentence, an icon of the sprite, a colour kind, and a quieter second line."""

    event: Event
    sentence: Markup
    icon: str
    colour: str
    detail: str


_MANY = {
    "ticket.created": _l("%(count)s reports came in from %(who)s"),
    "bordereau.created": _l("%(count)s bordereaux came in from %(who)s"),
    "bulletin.created": _l("%(count)s bulletins came in from %(who)s"),
}
_UNKNOWN = ("activity", "grey", _l("%(who)s: %(type)s"))


def types() -> list[tuple[str, str]]:
    """Every type that has a sentence, with its name in words: (ticket.status_changed, Ticket: status changed)."""
    names = [name for name in TABLE if name.count(".") == 1]
    return [(name, name.replace(".", ": ").replace("_", " ").capitalize()) for name in names]


def describe(event: Event, *, link: Link, names: Names | None = None) -> Told:
    """The event in words. A type that this release does not know is told by its name."""
    icon, colour, template = TABLE.get(f"{event.type}{_variant(event)}") or TABLE.get(
        event.type, _UNKNOWN
    )
    values = {name: _value(name, value) for name, value in event.data.items()} | {
        "who": Markup("<strong dir='auto'>{}</strong>").format(event.actor_name),
        "what": link(event, label_of(event, names or {})),
        "fields": ", ".join(field_word(name) for name in event.data.get("changes") or ()),
        "pushed": _pushed(event.data.get("values")),
        "type": event.type,
    }
    sentence = Markup(str(template)) % values  # noqa: S704 - ours; the values are escaped
    return Told(event, sentence, icon, colour, _detail(event))


def _pushed(values: Any) -> str:
    """Fields and their values: status Resolved, refined category Pothole."""
    pairs = values.items() if isinstance(values, Mapping) else ()
    return ", ".join(
        f"{field_word(name)} “{state_word(str(value or ''))}”" for name, value in pairs
    )


def describe_many(events: Sequence[Event], *, who: Markup) -> Told:
    """Records that one upstream brought together, in one line; `who`: it, as a link to its records."""
    words = Markup(str(_MANY[events[0].type]))  # noqa: S704 - ours
    names = [event.data.get("title") or event.data.get("ref") or "" for event in events[:2]]
    newest = " · ".join(str(name) for name in names)
    icon, colour, _ = TABLE["ticket.created.connection"]
    return Told(events[0], words % {"count": len(events), "who": who}, icon, colour, f"{newest} …")


def label_of(event: Event, names: Names) -> str:
    """What the event's subject is called."""
    kind, number, data = event.subject_kind, event.subject_id, event.data
    known = {
        "ticket": data.get("ref")
        or names.get((kind, number))
        or gettext("ticket no. %(n)s", n=number),
        "delivery": data.get("summary") or gettext("delivery no. %(n)s", n=number),
        "user": names.get((kind, number)) or gettext("account no. %(n)s", n=number),
        "channel": data.get("name") or gettext("channel no. %(n)s", n=number),
        "progress": names.get((kind, number)) or gettext("account no. %(n)s", n=number),
        "bordereau": data.get("ref")
        or names.get((kind, number))
        or gettext("bordereau no. %(n)s", n=number),
        "bulletin": data.get("ref")
        or names.get((kind, number))
        or gettext("bulletin no. %(n)s", n=number),
        "payment_batch": data.get("ref") or gettext("payment no. %(n)s", n=number),
        "client": data.get("name") or gettext("client no. %(n)s", n=number),
        "contract": data.get("number") or gettext("contract no. %(n)s", n=number),
        "import": data.get("name") or gettext("import no. %(n)s", n=number),
        "connection": data.get("name") or gettext("connection no. %(n)s", n=number),
        "view": data.get("name") or "",
        "job": data.get("ref") or gettext("job no. %(n)s", n=number),
        "employee": data.get("name") or gettext("employee no. %(n)s", n=number),
        "recurring_job": data.get("title") or "",
        "cluster": data.get("ref") or gettext("cluster no. %(n)s", n=number),
    }
    return str(known.get(kind, kind))


def _variant(event: Event) -> str:
    """Where one type reads in more than one way."""
    data = event.data
    by_system = event.actor_kind != "user"
    own = (event.actor_kind, event.actor_id) == ("user", event.subject_id)
    variants = {
        "ticket.created": "connection" if event.actor_kind == "connection" else "",
        "ticket.assigned": "" if data.get("new") else "nobody",
        "reply.changed": data.get("what"),
        "ticket.watched": "" if data.get("watches") else "no",
        "ticket.merged": "" if data.get("merged") else "no",
        "ticket.took_in": "" if data.get("merged") else "no",
        "ticket.related": "" if data.get("linked") else "no",
        "ticket.checklist_changed": "done" if data.get("what") == "done" else "",
        "job.moved": data.get("new") if data.get("reason") else "",
        "job.assigned": "" if data.get("new") else "nobody",
        "job.proved": data.get("what"),
        "job.item_changed": "done" if data.get("what") == "done" else "",
        "recurring_job.changed": data.get("what"),
        "record.upstream_state_changed": data.get("state"),
        "connection.paused": data.get("state") if by_system else "",
        "connection.reread_requested": "" if data.get("since") else "all",
        "record.field_decided": "upstream" if data.get("kept") == "upstream" else "",
        "bulletin.duplicate_decided": data.get("decision"),
        "bulletin.duplicate_found": data.get("why"),
        "bulletin.payment_changed": "" if data.get("old") else "made",
        "bulletin.complaint_tied": "" if data.get("tied") else "untied",
        "desk.edited": "category" if list(data.get("changes") or ()) == ["categories"] else "",
        "user.edited": "self" if own else "",
        "user.signed_out": "everywhere" if data.get("everywhere") else "",
    }
    found = variants.get(event.type)
    return f".{found}" if found else ""


def _value(name: str, value: Any) -> Markup | str:
    if name in ("old", "new", "status", "local"):
        return Markup("<em dir='auto'>{}</em>").format(state_word(str(value)))
    if name == "field":
        return field_word(str(value))
    return str(value)


def _detail(event: Event) -> str:
    """Which values changed, or why, or the ticket's title: what stands below the sentence."""
    changes = event.data.get("changes")
    if isinstance(changes, dict):
        return "; ".join(_change(name, pair) for name, pair in changes.items())
    filters = event.data.get("filters")
    if isinstance(filters, dict):
        return ", ".join(f"{name}: {value}" for name, value in filters.items())
    if event.data.get("diff"):
        return _lines_of(event.data["diff"])
    if event.data.get("code") and not event.data.get("reason"):
        return rejection_word(event.data["code"])
    return str(event.data.get("reason") or event.data.get("error") or event.data.get("title") or "")


def _lines_of(diff: str) -> str:
    """What went and what came, without the lines around it."""
    lines = [line for line in diff.splitlines() if line[:1] in "+-" and line[1:].strip()]
    return " · ".join(line[0] + " " + line[1:].strip() for line in lines)


def _change(name: str, pair: Any) -> str:
    old, new = pair if isinstance(pair, list) and len(pair) == 2 else ("", pair)
    if name in ("password", "token", "secret") and old == "old":
        return gettext("%(field)s: replaced", field=field_word(name))
    if not old:
        return gettext("%(field)s: “%(new)s”", field=field_word(name), new=new)
    return gettext(
        "%(field)s: “%(old)s” → “%(new)s”", field=field_word(name), old=old, new=new or "–"
    )
