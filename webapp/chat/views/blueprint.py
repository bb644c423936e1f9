from __future__ import annotations

from flask import Blueprint

from webapp.chat.views.mentioned import with_links

bp = Blueprint("chat", __name__)

bp.add_app_template_filter(with_links, "chat_links")
