"""The only writers of the claim side. They need an open transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.claims.actions.complaints import tie_complaint, untie_complaint
    from webapp.claims.actions.deriving import settle_bordereau, settle_bordereaux
    from webapp.claims.actions.duplicates import decide_duplicate, find_duplicates
    from webapp.claims.actions.editing import edit_client, edit_contract
    from webapp.claims.actions.exporting import note_list_export
    from webapp.claims.actions.moving import change_bulletin_status
    from webapp.claims.actions.payments import (
        apply_answer,
        edit_batch,
        make_batch,
        move_batch,
        note_export,
        take_out,
    )
    from webapp.claims.actions.pulled import (
        import_bordereaux,
        import_bulletins,
        update_bordereau_from_upstream,
    )
    from webapp.claims.actions.settings import edit_claim_settings, enable_claims
    from webapp.claims.actions.updating import move_bulletin, update_bulletin_from_upstream
    from webapp.claims.actions.working import (
        add_bulletin_file,
        add_bulletin_note,
        decide_bulletin,
        step_bordereau,
    )
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "add_bulletin_file",
    "add_bulletin_note",
    "apply_answer",
    "change_bulletin_status",
    "decide_bulletin",
    "decide_duplicate",
    "edit_batch",
    "edit_claim_settings",
    "edit_client",
    "edit_contract",
    "enable_claims",
    "find_duplicates",
    "import_bordereaux",
    "import_bulletins",
    "make_batch",
    "move_batch",
    "move_bulletin",
    "note_export",
    "note_list_export",
    "settle_bordereau",
    "settle_bordereaux",
    "step_bordereau",
    "take_out",
    "tie_complaint",
    "untie_complaint",
    "update_bordereau_from_upstream",
    "update_bulletin_from_upstream",
]
