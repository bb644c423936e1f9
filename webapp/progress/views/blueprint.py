from __future__ import annotations

from flask import Blueprint

from webapp.progress.told import hours_words, milestone_words

bp = Blueprint("progress", __name__)

bp.add_app_template_filter(hours_words, "hours_words")
bp.add_app_template_filter(milestone_words, "milestone_words")
