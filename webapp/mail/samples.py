"""An example of every mail, as it could really be, for looking at it and for trying it out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from webapp.mail.kinds import KINDS, Kind


@dataclass(frozen=True)
class Sample:
    """`name` stands in addresses; `words`: of several of one kind, which. Addresses in `values` begin with /."""

    name: str
    template: str
    values: Mapping[str, Any]
    words: Any = None
    bulk: bool = False

    @property
    def kind(self) -> Kind:
        return KINDS[self.template]


_TICKET = {"ref": "T-2026-000123", "title": "Baradong kanal sa Zone 4, umaapaw tuwing umuulan"}
_FOLLOW = {**_TICKET, "url": "/follow/example"}
_FOLLOWING = {"ref": "T-2026-000123", "title": "Drainage, Barangay Triangulo"}
_DESK = {**_TICKET, "url": "/tickets/T-2026-000123"}
_MOVED = {"old_status": _l("Open"), "new_status": _l("In progress")}
_ANSWER = (
    "Good morning. Our crew looked at the drain today: leaves and plastic have blocked it behind the school.\n\n"
    "It will be cleared on Thursday. Please keep the side street free of cars until noon."
)
_REPLY = (
    "Salamat po! It overflowed again last night, see the photo.\n\nThe water came up to the gate."
)
_FIGURES = {"came": 214, "finished": 198, "unfinished": 61, "answer": "3.2 h", "solution": "41.5 h"}


def _item(text: str, *, quote: str = "") -> dict[str, Any]:
    return {"text": text, "quote": quote, "author": "", "internal": False}


_ASSIGNED = _item("Ticket T-2026-000123 was assigned to you: Baradong kanal sa Zone 4")
_MOVED_ON = _item("Ticket T-2026-000123 is now In progress: Baradong kanal sa Zone 4")
_JOINED = {
    "thing": "ticket:123",
    "title": f"{_TICKET['ref']} {_TICKET['title']}",
    "url": "/tickets/T-2026-000123",
    "items": [_ASSIGNED, _item("Maria Santos responded to ticket T-2026-000123", quote=_REPLY)],
    "more": 0,
}
_DUE = {
    "thing": "ticket:119",
    "title": "T-2026-000119 Street light out at Plaza Quince Martires",
    "url": "/tickets/T-2026-000119",
    "items": [_item("Solution is due 2026-11-28 17:00: T-2026-000119 Street light out")],
    "more": 0,
}


def _only(item: dict[str, Any]) -> dict[str, Any]:
    return {**_JOINED, "items": [item]}


def _news(groups: list[dict[str, Any]]) -> dict[str, Any]:
    one, (ref, _, title) = len(groups) == 1, groups[0]["title"].partition(" ")
    return {
        "ref": ref if one else "",
        "title": title if one else "",
        "number": sum(len(group["items"]) + group["more"] for group in groups),
        "groups": groups,
        "url": groups[0]["url"] if one else "/notifications",
        "preferences": "/me/notifications",
    }


SAMPLES: Mapping[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample("reporter_received", "reporter_received", {**_FOLLOW, "place": "Zone 4, Triangulo"}),
        Sample(
            "reporter_response",
            "reporter_response",
            {**_FOLLOW, "author": "Andres", "text": _ANSWER},
        ),
        Sample("reporter_status", "reporter_status", {**_FOLLOW, **_MOVED}),
        Sample(
            "reporter_news",
            "reporter_news",
            {**_FOLLOW, "items": [_MOVED, {"author": "Andres", "text": _ANSWER}], "more": 0},
            _l("what came within minutes"),
        ),
        Sample("follower_confirm", "follower_confirm", {**_FOLLOWING, "url": "/following/example"}),
        Sample(
            "follower_status",
            "follower_status",
            {**_FOLLOWING, **_MOVED, "url": "/following/example"},
        ),
        Sample("agent_response", "agent_response", {**_DESK, "text": _REPLY}),
        Sample(
            "agent_mention",
            "agent_mention",
            {**_DESK, "author": "Fina", "text": "@Andres the budget for the pump is approved."},
        ),
        Sample("agent_assigned", "agent_news", _news([_only(_ASSIGNED)]), _l("an assignment")),
        Sample("agent_watched", "agent_news", _news([_only(_MOVED_ON)]), _l("a watched ticket")),
        Sample("agent_deadline", "agent_news", _news([_DUE]), _l("a deadline")),
        Sample("agent_joined", "agent_news", _news([_JOINED]), _l("what came within minutes")),
        Sample(
            "agent_summary",
            "agent_news",
            _news([_JOINED, {**_DUE, "more": 2}]),
            _l("a digest, or what came in quiet hours"),
            bulk=True,
        ),
        Sample(
            "agent_report",
            "agent_report",
            {
                "ref": _l("Report"),
                "first": "2026-11-16",
                "last": "2026-11-22",
                "url": "/reports?period=last_week",
                "total": {"name": "–", **_FIGURES},
                "rows": [
                    {"name": "Drainage", **_FIGURES},
                    {"name": "Street lights", **_FIGURES, "came": 80, "finished": 85},
                ],
            },
        ),
        Sample(
            "account_created",
            "account_created",
            {
                "ref": _l("account"),
                "author": "Amihan",
                "address": "andres@example.org",
                "url": "/login",
            },
        ),
        Sample(
            "account_token_reused",
            "account_token_reused",
            {"ref": _l("Your account"), "device": "Firefox on Windows", "url": "/account/devices"},
        ),
        Sample(
            "account_invited",
            "account_invited",
            {"ref": _l("account"), "author": "Amihan", "url": "/join/sample"},
        ),
        Sample(
            "account_confirm",
            "account_confirm",
            {"ref": _l("account"), "url": "/join/sample"},
        ),
        Sample(
            "account_known",
            "account_known",
            {"ref": _l("account"), "url": "/password/forgotten"},
        ),
        Sample(
            "account_reset",
            "account_reset",
            {"ref": _l("account"), "url": "/password/new/sample"},
        ),
        Sample(
            "account_recovery_used",
            "account_recovery_used",
            {"ref": _l("Your account"), "left": 9, "url": "/account/second-factor"},
        ),
        Sample(
            "admin_incident",
            "admin_incident",
            {
                "ref": _l("sync"),
                "title": _l("%(name)s cannot be read", name="MyNaga"),
                "text": _l(
                    "Two syncs in a row have failed. The last one said: %(error)s",
                    error="api.mynaga.example refused the token (401).",
                ),
                "advice": _l(
                    "Enter a valid token in its settings; the sync then goes on by itself."
                ),
                "button": _l("See the runs"),
                "url": "/connections",
            },
        ),
        Sample(
            "admin_digest",
            "admin_digest",
            {
                "ref": _l("summary"),
                "title": _l("What is stuck this morning"),
                "url": "/",
                "parts": [
                    {
                        "name": "MyNaga",
                        "url": "/connections",
                        "lines": ["2 deliveries are parked: they need a decision."],
                    },
                    {
                        "name": _l("Mail"),
                        "url": "/outbox?channel=mail",
                        "lines": ["1 delivery has been held for an hour or more."],
                    },
                ],
            },
        ),
        Sample("admin_test", "admin_test", {"ref": _l("test"), "url": "/health"}),
        Sample(
            "sender_files", "sender_files", {**_FOLLOW, "files": ["meter readings.exe", "film.mov"]}
        ),
        Sample(
            "sender_too_large",
            "sender_too_large",
            {"ref": _l("mail"), "title": "Photos of the whole street", "url": "/"},
        ),
    )
}


def values_of(sample: Sample, *, desk: str, name: str, base_url: str) -> dict[str, Any]:
    """As the mail's own caller would give them, to that person: plain JSON, whole addresses."""
    plain = _plain(dict(sample.values), base_url)
    return {"desk": desk, "name": name, **plain}


def title_of(sample: Sample) -> str:
    words = str(sample.kind.words)
    return (
        gettext("%(kind)s (%(which)s)", kind=words, which=sample.words) if sample.words else words
    )


def by_reader() -> list[tuple[str, Sequence[Sample]]]:
    """Whom they go to → the samples, in their order."""
    found: dict[str, list[Sample]] = {}
    for sample in SAMPLES.values():
        found.setdefault(str(sample.kind.to), []).append(sample)
    return list(found.items())


def _plain(value: Any, base_url: str) -> Any:
    if isinstance(value, Mapping):
        return {
            key: base_url + each if key in ("url", "preferences") else _plain(each, base_url)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_plain(each, base_url) for each in value]
    return value if isinstance(value, int) else str(value)
