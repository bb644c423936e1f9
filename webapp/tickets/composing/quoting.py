"""Tells what somebody wrote from what they quoted below it. Pure."""

from __future__ import annotations

import re

FEWEST_LINES = 2  # a quote of one line is worth no folding

# "On 3 May 2026, Rosa wrote:", "-----Original Message-----", "From: …" after a line of underscores.
_INTRODUCES = re.compile(
    r"^\s*(?:On\b.{0,200}\bwrote:|Am\b.{0,200}\bschrieb.{0,80}:|Le\b.{0,200}\ba écrit\s?:|Noong\b.{0,200}\bsi\b.{0,80}:"
    r"|-{2,}\s*(?:Original|Forwarded) [Mm]essage\s*-{2,}|_{10,})\s*$"
)
_QUOTED = re.compile(r"^\s*>")


def split_quote(text: str) -> tuple[str, str]:
    """(what was said, the history quoted below it). Nothing is split where nothing else would be left."""
    lines = text.split("\n")
    at = _begins_at(lines)
    said = "\n".join(lines[:at]).rstrip()
    quoted = "\n".join(lines[at:]).strip("\n")
    if not said.strip() or len([line for line in lines[at:] if line.strip()]) < FEWEST_LINES:
        return text, ""
    return said, quoted


def _begins_at(lines: list[str]) -> int:
    """Where the quoted end begins: at an introduction, or where only lines with > follow."""
    for index, line in enumerate(lines):
        if _INTRODUCES.match(line) and any(rest.strip() for rest in lines[index + 1 :]):
            return index
    at = len(lines)
    while at > 0 and (_QUOTED.match(lines[at - 1]) or not lines[at - 1].strip()):
        at -= 1
    return at
