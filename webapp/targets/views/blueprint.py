from __future__ import annotations

from flask import Blueprint

from webapp.targets.forms import minutes_text
from webapp.tickets import words

bp = Blueprint("targets", __name__)

bp.add_app_template_filter(words.priority_name, "priority_name")
bp.add_app_template_global(minutes_text, "minutes_text")
