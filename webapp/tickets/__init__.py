"""Tickets: what people report, the answers they get, the notes that they never see."""
