"""What follows from facts of `webapp.chat`."""

from __future__ import annotations

from webapp.chat import events as chat
from webapp.events import record
from webapp.notifications import telling
from webapp.realtime import reactions as pages

REACTIONS: record.Reactions = {
    # Chat
    **dict.fromkeys(chat.ONLY_SHOWN, (pages.show_chat,)),
    chat.MessageSent: (telling.tell, pages.show_chat),
}
