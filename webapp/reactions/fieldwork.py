"""What follows from facts of `webapp.fieldwork`."""

from __future__ import annotations

from webapp.events import record
from webapp.fieldwork import events as fieldwork
from webapp.fieldwork.actions import closing
from webapp.notifications import telling
from webapp.realtime import reactions as pages

REACTIONS: record.Reactions = {
    # Field work
    fieldwork.JobCreated: (pages.show_job, pages.show_activity),
    fieldwork.JobEdited: (pages.show_job, pages.show_activity),
    fieldwork.JobMoved: (closing.resolve_ticket, pages.show_job, pages.show_activity),
    fieldwork.JobAssigned: (telling.tell, pages.show_job, pages.show_activity),
    fieldwork.JobNoted: (pages.show_job, pages.show_activity),
    fieldwork.JobProved: (pages.show_job, pages.show_activity),
    fieldwork.JobItemChanged: (pages.show_job,),
    fieldwork.JobPartChanged: (pages.show_job,),
    fieldwork.JobDeleted: (pages.show_job, pages.show_activity),
    fieldwork.DayOrdered: (pages.show_employees,),
    fieldwork.EmployeeCreated: (pages.show_employees, pages.show_activity),
    fieldwork.EmployeeEdited: (pages.show_employees, pages.show_activity),
    fieldwork.EmployeeRemoved: (pages.show_employees, pages.show_activity),
    fieldwork.RecurringJobChanged: (pages.show_employees, pages.show_activity),
}
