"""How facts about field work are told."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "job.created": ("plus", "green", _l("%(who)s made the job %(what)s")),
    "job.edited": ("pencil", "blue", _l("%(who)s changed %(fields)s of %(what)s")),
    "job.moved": ("refresh-cw", "blue", _l("%(who)s moved %(what)s from %(old)s to %(new)s")),
    "job.moved.not_possible": (
        "circle-x",
        "red",
        _l("%(who)s could not do %(what)s: %(reason)s"),
    ),
    "job.moved.cancelled": ("ban", "grey", _l("%(who)s cancelled %(what)s: %(reason)s")),
    "job.assigned": ("user-check", "blue", _l("%(who)s gave %(what)s to %(new)s")),
    "job.assigned.nobody": ("user", "grey", _l("%(who)s took %(old)s off %(what)s")),
    "job.noted": ("sticky-note", "amber", _l("%(who)s wrote a note on %(what)s")),
    "job.proved": ("paperclip", "blue", _l("%(who)s added a photo to %(what)s")),
    "job.proved.signature": ("pencil", "green", _l("%(who)s had %(what)s signed")),
    "job.item_changed": (
        "list",
        "grey",
        _l("%(who)s changed the checklist of %(what)s: “%(text)s”"),
    ),
    "job.item_changed.done": ("check", "green", _l("%(who)s did “%(text)s” of %(what)s")),
    "job.part_changed": ("layers", "grey", _l("%(who)s changed the parts of %(what)s: %(text)s")),
    "job.deleted": ("trash-2", "grey", _l("%(who)s deleted the job %(what)s")),
    "employee.created": ("user-plus", "green", _l("%(who)s added the employee %(what)s")),
    "employee.edited": ("pencil", "blue", _l("%(who)s changed %(fields)s of %(what)s")),
    "employee.removed": ("trash-2", "grey", _l("%(who)s removed the employee %(what)s")),
    "employee.day_ordered": ("arrow-down-up", "grey", _l("%(who)s ordered a day of %(what)s")),
    "recurring_job.changed": ("pencil", "blue", _l("%(who)s changed the recurring job %(what)s")),
    "recurring_job.changed.made": (
        "plus",
        "green",
        _l("%(who)s made the recurring job %(what)s"),
    ),
    "recurring_job.changed.removed": (
        "trash-2",
        "grey",
        _l("%(who)s removed the recurring job %(what)s"),
    ),
}
