"""Tickets handled as one: suggested from nearness, time and words, decided by people."""
