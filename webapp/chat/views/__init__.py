"""/chat: channels, conversations, search."""

from webapp.chat.views import channels, messages
from webapp.chat.views.blueprint import bp

__all__ = ["bp", "channels", "messages"]
