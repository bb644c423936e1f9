"""The words of the mapping's pages: fields, transforms, owners, counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.sync import merge, subjects
from webapp.sync.mapping import jobs, ways
from webapp.sync.mapping.comparing import CREATE, SAME, SKIP, UPDATE, WRONG
from webapp.sync.mapping.drafts import Draft
from webapp.sync.mapping.editor import MOST_TRANSFORMS, FieldRow
from webapp.sync.mapping.models import MappingJob
from webapp.sync.mapping.preview import Preview
from webapp.sync.subjects import Subject
from webapp.sync.views.fieldwords import id_words, reason_words, target_word, value_words
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
    "rows": _l("a list of ours, such as items (fields: {code: …, amount: …})"),
    "sum_of": _l("the sum of a number that each of a list holds (path: …)"),
}
_OWNERS = {
    "": _l("the usual rule"),
    "upstream": _l("theirs counts"),
    "ours": _l("ours counts"),
    "newest": _l("the newest counts"),
    "ask": _l("ask a person"),
}


_WAYS = {
    "auth": (_l("Signing in"), _l("Another way to sign in")),
    "paging": (_l("Pages"), _l("Another way to page")),
    "incremental": (_l("Only what changed"), _l("Another way to ask for changes")),
}


def editor_words(subject: Subject) -> dict[str, Any]:
    """What the templates of the editor and its preview call."""
    return {
        "field_label": subject.label,
        "row_words": partial(row_words, subject),
        "id_words": id_words,
        "reason_words": partial(reason_words, subject),
        "target_word": target_word,
        "more_names": lambda row: [f"{row.name}__a{n}" for n in range(MOST_TRANSFORMS)],
        "map_names": _map_names,
        "transforms": list(_TRANSFORMS.items()),
        "owners": list(_OWNERS.items()),
        "choices_of": subject.choices,
        "way_parts": _WAYS,
        "way_kinds": way_kinds,
        "way_controls": ways.controls,
        "most_ways": ways.MOST,
        "preview_words": preview_words,
        "pretty": pretty,
        "shown": partial(value_words, subject),
    }


def way_kinds(part: str) -> list[tuple[str, Any]]:
    """(kind, words) of all ways that there are."""
    words = {"auth": SIGNED_BY, "paging": PAGED_BY, "incremental": ASKED_BY}[part]
    return [(kind, words[kind]) for kind in ways.KINDS[part]]


def row_words(subject: Subject, row: FieldRow) -> str:
    """What is behind “more” of a row, in short."""
    words = [name.replace("_", " ") for name, _args in row.transforms]
    if row.values:
        words.append(_("through the table %(name)s", name=row.values))
    if row.required:
        words.append(_("must be there"))
    owner = str(_OWNERS[row.owner]) if row.owner else _usual_owner(subject, row.name)
    how = ", ".join(words) or _("the usual way")
    return how + " · " + _("both changed it: %(owner)s", owner=owner)


def _usual_owner(subject: Subject, name: str) -> str:
    if name == "status":
        return _("ours counts once it was set here")
    ours = subject.usual_owner(None, name) == merge.LOCAL
    return str(_OWNERS["ours" if ours else "upstream"])


def preview_words(preview: Preview) -> str:
    """17 as now, 2 would change, 1 cannot be read."""
    return _counts(preview.counts, total=len(preview.records))


def job_words(job: MappingJob, known: Mapping[str, Subject]) -> str:
    """What a dry run or an application came to. `known`: kind of their records → ours."""

    def many(what: str) -> str:
        return subjects.counted(
            {
                known[kind].kind: own.get(what, 0)
                for kind, own in job.counts.items()
                if kind in known
            }
        )

    if job.kind == jobs.DRY_RUN:
        wrong = format_decimal(jobs.summed(job.counts, WRONG))
        return _("Would create %(new)s, update %(changed)s; as now %(same)s; problems %(wrong)s.",
                 new=many(CREATE), changed=many(UPDATE), same=many(SAME), wrong=wrong)  # fmt: skip
    words = _("Read again: %(records)s; changed: %(updated)s; as now: %(same)s; asked for anew: %(deferred)s; "
              "problems: %(wrong)s.", records=many("records"), updated=many("updated"),
              same=many("same"), deferred=many("deferred"), wrong=many("wrong"))  # fmt: skip
    created = jobs.summed(job.counts, "created")
    new = many("created")
    return words + (" " + _("New from problem records: %(what)s.", what=new) if created else "")


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
        _("%(n)s would be new", n=n[CREATE]) if n[CREATE] else "",
        _("%(n)s left out", n=n[SKIP]) if n[SKIP] else "",
        _("%(n)s cannot be read", n=n[WRONG]) if n[WRONG] else "",
    ]
    said = ", ".join(word for word in words if word)
    return ngettext("Of %(num)s record:", "Of %(num)s records:", total) + " " + said
