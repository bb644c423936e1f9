from __future__ import annotations

from flask import Blueprint

from webapp.claims import guards, words

bp = Blueprint("claims", __name__, url_prefix="/claims")

bp.before_request(guards.enforce_shown)
bp.add_app_template_filter(words.status_word, "claim_status")
bp.add_app_template_filter(words.relation_word, "relation_word")
bp.add_app_template_filter(words.rejection_word, "rejection_word")
bp.add_app_template_filter(words.duplicate_reason, "duplicate_reason")
bp.add_app_template_filter(words.flag_word, "flag_word")
bp.add_app_template_filter(words.claim_field, "claim_field")
bp.add_app_template_global(guards.tabs, "claims_tabs")
bp.add_app_template_global(guards.address, "claims_address")
