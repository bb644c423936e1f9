from __future__ import annotations

from flask import Blueprint

from webapp.tickets import shown, words
from webapp.tickets.composing.quoting import split_quote

bp = Blueprint("tickets", __name__)

bp.add_app_template_filter(shown.linked, "linked")
bp.add_app_template_filter(split_quote, "split_quote")
bp.add_app_template_filter(words.relation_name, "relation_name")
bp.add_app_template_filter(words.status_name, "status_name")
bp.add_app_template_filter(words.field_name, "field_name")
bp.add_app_template_filter(words.shown_value, "shown_value")
bp.add_app_template_filter(words.priority_name, "priority_name")
bp.add_app_template_global(words.source_name, "source_name")
