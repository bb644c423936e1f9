"""The words of the mapping's pages: fields, transforms, owners, counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.sync.mapping.asking import AUTHS, FORMATS, INCREMENTALS, PAGINGS
from webapp.sync.mapping.comparing import CREATE, SAME, SKIP, UPDATE, WRONG
from webapp.sync.mapping.drafts import Draft
from webapp.sync.mapping.editor import MOST_TRANSFORMS, FieldRow
from webapp.sync.mapping.models import MappingJob
from webapp.sync.mapping.preview import Preview
from webapp.sync.subjects import Subject
from webapp.sync.views.fieldwords import id_words, reason_words, value_words
from webapp.sync.views.mapped import ASKED_BY, PAGED_BY, SIGNED_BY
from webapp.sync.views.tested import pretty

MOST_PATHS = 300
_TRANSFORMS = {
    "text": _l("tidy text"),
    "first_line": _l("the first line (length: 120)"),
    "truncate": _l("shortened at a word (length: 80)"),
    "strip_html": _l("the words of an HTML text"),
    "lower": _l("in small letters"),
    "upper": _l("in capital letters"),
    "crlf": _l("one kind of line end"),
    "join": _l("a list as one text (separator: “, ”)"),
    "first": _l("the first of a list"),
    "prefix": _l("a text in front (text: …)"),
    "phone": _l("digits with + (country: “63”)"),
    "email": _l("an e-mail address, or nothing"),
    "url": _l("a web address, or nothing"),
    "datetime": _l("a time (format: …, timezone: …)"),
    "decimal": _l("an exact number (places: 2)"),
    "integer": _l("a whole number"),
    "boolean": _l("yes or no"),
    "coordinate": _l("degrees (limit: 90)"),
    "coordinate_of": _l("one half of a pair (position: 0, limit: 90)"),
    "media": _l("addresses of files (url: …, name: …)"),
}
_OWNERS = {
    "": _l("the usual rule"),
    "upstream": _l("theirs counts"),
    "ours": _l("ours counts"),
    "newest": _l("the newest counts"),
    "ask": _l("ask a person"),
}


def editor_words(subject: Subject) -> dict[str, Any]:
    """What the templates of the editor and its preview call."""
    return {
        "field_label": subject.label,
        "row_words": row_words,
        "id_words": id_words,
        "reason_words": partial(reason_words, subject),
        "more_names": lambda row: [f"{row.name}__a{n}" for n in range(MOST_TRANSFORMS)],
        "map_names": _map_names,
        "transforms": list(_TRANSFORMS.items()),
        "owners": list(_OWNERS.items()),
        "statuses": subject.choices("status"),
        "choices": {
            "auth": [(name, SIGNED_BY[name]) for name in AUTHS],
            "paging": [(name, PAGED_BY[name]) for name in PAGINGS],
            "incremental": [(name, ASKED_BY[name]) for name in INCREMENTALS],
            "formats": [(name, _FORMATS[name]) for name in FORMATS],
        },
        "asking_names": [f"a__{name}" for name in _ASKING],
        "preview_words": preview_words,
        "job_words": job_words,
        "pretty": pretty,
        "shown": partial(value_words, subject),
    }


_FORMATS = {
    "iso_z": "2026-11-20T10:00:00Z",
    "iso": "2026-11-20T10:00:00+00:00",
    "date": "2026-11-20",
    "epoch": _l("seconds since 1970"),
    "epoch_ms": _l("milliseconds since 1970"),
}
_ASKING = frozenset(
    (
        "path",
        "params",
        "base_path",
        "items",
        "format",
        "id",
        "one",
        "updated",
        "created",
        "auth",
        "auth_name",
        "paging",
        "param",
        "size_param",
        "size",
        "next",
        "incremental",
        "since",
    )
)


def row_words(row: FieldRow) -> str:
    """What is behind “more” of a row, in short."""
    words = [name.replace("_", " ") for name, _args in row.transforms]
    if row.values:
        words.append(_("through the table %(name)s", name=row.values))
    if row.required:
        words.append(_("must be there"))
    owner = str(_OWNERS[row.owner]) if row.owner else _usual_owner(row.name)
    how = ", ".join(words) or _("the usual way")
    return how + " · " + _("both changed it: %(owner)s", owner=owner)


def _usual_owner(name: str) -> str:
    return _("ours counts once it was set here") if name == "status" else str(_OWNERS["upstream"])


def preview_words(preview: Preview) -> str:
    """17 as now, 2 would change, 1 cannot be read."""
    return _counts(preview.counts, total=len(preview.records))


def job_words(job: MappingJob) -> str:
    """What a dry run or an application came to."""
    counts = dict(job.counts)
    if job.kind == "dry_run":
        return _("Would create %(new)s, update %(changed)s; as now %(same)s; problems %(wrong)s.",
                 new=counts.get(CREATE, 0), changed=counts.get(UPDATE, 0),
                 same=counts.get(SAME, 0), wrong=counts.get(WRONG, 0))  # fmt: skip
    words = _("%(records)s records read: %(updated)s tickets changed, %(same)s as now, %(deferred)s asked for anew, "
              "%(wrong)s problems.", records=counts.get("records", 0), updated=counts.get("updated", 0),
              same=counts.get("same", 0), deferred=counts.get("deferred", 0), wrong=counts.get("wrong", 0))  # fmt: skip
    created = counts.get("created")
    return words + (" " + _("New from problem records: %(n)s.", n=created) if created else "")


def paths_in(payloads: Iterable[Any]) -> list[str]:
    """Their fields, as paths that one may choose from."""
    found: dict[str, None] = {}
    for payload in payloads:
        for path in _leaves(payload, "", 0):
            found.setdefault(path)
            if len(found) >= MOST_PATHS:
                return list(found)
    return list(found)


def _leaves(value: Any, here: str, depth: int) -> Sequence[str]:
    if isinstance(value, dict) and depth < 5:
        return [
            path
            for key, inner in value.items()
            if "." not in str(key)
            for path in _leaves(inner, f"{here}.{key}" if here else str(key), depth + 1)
        ]
    if isinstance(value, list) and value and isinstance(value[0], dict) and depth < 5:
        return _leaves(value[0], f"{here}[]", depth + 1)
    return [here] if here else []


def _map_names(draft: Draft, row: FieldRow) -> list[str]:
    return list(dict.fromkeys([*(table.name for table in draft.tables), row.values or row.name]))


def _counts(counts: dict[str, int], *, total: int) -> str:
    n = {name: counts.get(name, 0) for name in (SAME, UPDATE, CREATE, SKIP, WRONG)}
    words = [
        _("%(n)s as now", n=n[SAME]) if n[SAME] else "",
        _("%(n)s would change", n=n[UPDATE]) if n[UPDATE] else "",
        _("%(n)s would become new tickets", n=n[CREATE]) if n[CREATE] else "",
        _("%(n)s left out", n=n[SKIP]) if n[SKIP] else "",
        _("%(n)s cannot be read", n=n[WRONG]) if n[WRONG] else "",
    ]
    said = ", ".join(word for word in words if word)
    return ngettext("Of %(num)s record:", "Of %(num)s records:", total) + " " + said
