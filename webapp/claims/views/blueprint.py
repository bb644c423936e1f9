from __future__ import annotations

from flask import Blueprint

from webapp.claims import words

bp = Blueprint("claims", __name__, url_prefix="/claims")

bp.add_app_template_filter(words.status_word, "claim_status")
bp.add_app_template_filter(words.relation_word, "relation_word")
bp.add_app_template_filter(words.rejection_word, "rejection_word")
