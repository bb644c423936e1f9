"""Tickets out of somebody's file: read, matched, previewed, written in the background, and taken back if need be."""
