"""The only writers of jobs and employees. None commits; each fact is recorded once, by the actor given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.fieldwork.actions.doing import (
        PHOTO,
        SIGNATURE,
        add_file,
        add_item,
        add_note,
        add_part,
        remove_item,
        remove_part,
        set_item,
        use_part,
    )
    from webapp.fieldwork.actions.employees import (
        add_absence,
        create_employee,
        edit_employee,
        order_day,
        remove_absence,
        remove_employee,
        share_position,
    )
    from webapp.fieldwork.actions.jobs import (
        assign_crew,
        create_job,
        delete_job,
        edit_job,
        move_job,
    )
    from webapp.fieldwork.actions.repeating import (
        create_recurring,
        edit_recurring,
        make_due_jobs,
        remove_recurring,
    )
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "PHOTO",
    "SIGNATURE",
    "add_absence",
    "add_file",
    "add_item",
    "add_note",
    "add_part",
    "assign_crew",
    "create_employee",
    "create_job",
    "create_recurring",
    "delete_job",
    "edit_employee",
    "edit_job",
    "edit_recurring",
    "make_due_jobs",
    "move_job",
    "order_day",
    "remove_absence",
    "remove_employee",
    "remove_item",
    "remove_part",
    "remove_recurring",
    "set_item",
    "share_position",
    "use_part",
]
