"""What follows from facts of `webapp.tickets`."""

from __future__ import annotations

from webapp.claims.actions import complaints
from webapp.events import record
from webapp.notifications import followers, notices, telling
from webapp.progress import actions as progress_actions
from webapp.realtime import reactions as pages
from webapp.sync import push
from webapp.targets import actions as times
from webapp.tickets import events as tickets
from webapp.tickets.actions import merging
from webapp.tickets.assigning import handing
from webapp.tickets.clustering import comparing
from webapp.tickets.clustering import events as clusters
from webapp.tickets.lists import events as views
from webapp.tickets.portal import events as portal

REACTIONS: record.Reactions = {
    # Tickets
    tickets.TicketCreated: (
        handing.hand_out,
        times.keep_times,
        notices.mail_reporter_received,
        telling.tell,
        pages.show_new_ticket,
        pages.show_activity,
    ),
    tickets.TicketStatusChanged: (
        push.queue_pushes,
        times.keep_times,
        merging.follow_status,
        complaints.tell_bulletin,
        notices.mail_reporter_status,
        followers.mail_followers_status,
        telling.tell,
        pages.show_ticket,
        pages.show_activity,
    ),
    tickets.TicketResponded: (
        times.keep_times,
        notices.mail_reporter_response,
        progress_actions.note_activity,
        telling.tell,
        pages.show_ticket,
        pages.show_activity,
    ),
    tickets.TicketNoted: (
        telling.tell,
        pages.show_ticket,
        pages.show_activity,
    ),
    tickets.TicketRouted: (telling.tell,),
    tickets.TicketWatched: (pages.show_ticket,),
    tickets.TicketMerged: (pages.show_ticket, pages.show_activity),
    tickets.TicketTookIn: (pages.show_ticket,),
    tickets.TicketRelated: (pages.show_ticket,),
    tickets.ChecklistChanged: (pages.show_ticket,),
    tickets.TicketAssigned: (telling.tell, pages.show_ticket, pages.show_activity),
    tickets.TicketWithdrawn: (pages.show_ticket, pages.show_activity),
    tickets.TicketListExported: (pages.show_activity,),
    **dict.fromkeys(
        (views.ViewSaved, views.ViewEdited, views.ViewDeleted),
        (pages.show_activity, pages.show_views),
    ),
    tickets.TicketEdited: (
        push.queue_pushes,
        times.keep_times,
        comparing.compare_again,
        pages.show_ticket,
        pages.show_activity,
    ),
    portal.TicketFollowed: (
        followers.mail_follower_confirm,
        pages.show_ticket,
        pages.show_activity,
    ),
    # Tickets handled as one
    **dict.fromkeys(
        (
            clusters.ClusterCreated,
            clusters.ClusterEdited,
            clusters.ClusterAnswered,
            clusters.ClusterDissolved,
        ),
        (pages.show_cluster, pages.show_activity),
    ),
    clusters.SuggestionDismissed: (pages.show_ticket, pages.show_activity),
    tickets.SavedReplyChanged: (),
    tickets.AnswerHeld: (pages.show_ticket,),
    tickets.AnswerCalledBack: (pages.show_ticket, pages.show_activity),
}
