"""Payments: made in batches, moved together, each holding its bulletin. Money is never paid twice."""

from webapp.claims.actions.payments.answering import apply_answer
from webapp.claims.actions.payments.making import make_batch, take_out
from webapp.claims.actions.payments.moving import edit_batch, move_batch, note_export

__all__ = ["apply_answer", "edit_batch", "make_batch", "move_batch", "note_export", "take_out"]
