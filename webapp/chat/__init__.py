"""Channels and direct messages among those who work here."""
