"""How people's words are shown: escaped, their links live but never vouched for."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# What ends a sentence is not part of an address.
_LINK = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]}'’]", re.IGNORECASE)


def linked(text: str) -> Markup:
    """`text` escaped, with its http(s) addresses as links that pass on no trust and no referrer."""
    parts: list[Markup | str] = []
    end = 0
    for match in _LINK.finditer(text):
        parts += [escape(text[end : match.start()]), _anchor(match.group())]
        end = match.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _anchor(address: str) -> Markup:
    return Markup(
        '<a href="{0}" rel="nofollow ugc noopener noreferrer" target="_blank">{0}</a>'
    ).format(address)
