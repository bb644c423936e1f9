"""A message's text and files. Pure. Nothing is fetched: an image that stands elsewhere stays there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser
from io import BytesIO

MOST_FILES = 50
MOST_PARTS = 1000
LONGEST_HTML = 500_000
_BREAKS = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote"}
_SILENT = {"style", "script", "head", "title", "template"}


@dataclass(frozen=True)
class File:
    name: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass
class Body:
    text: str = ""
    files: list[File] = field(default_factory=list)
    nested: list[Message] = field(default_factory=list)  # messages that stand in it as attachments


def body_of(message: Message) -> Body:
    """text/plain where there is one that says something, else the HTML's words."""
    plain: list[str] = []
    marked: list[str] = []
    body = Body()
    for part in _parts(message, body):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_file(part):
            (plain if kind == "text/plain" else marked).append(_text(part))
        elif kind not in ("message/delivery-status", "text/rfc822-headers"):
            _add_file(body, part)
    said = "\n\n".join(text for text in plain if text.strip())
    body.text = said or "\n\n".join(text_of_html(html) for html in marked)
    return body


def _parts(message: Message, body: Body) -> Iterator[Message]:
    """The leaves, without descending into messages that are attached."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
            body.nested += [each for each in payload if isinstance(each, Message)][:1]
            _add_message(body, part)
        elif part.is_multipart() and isinstance(payload, list):
            if part.get_content_type() != "message/delivery-status":
                waiting[:0] = [each for each in payload if isinstance(each, Message)]
        else:
            yield part


def _is_file(part: Message) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return disposition.startswith("attachment")


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_param("charset", "utf-8")
    named = charset[2] if isinstance(charset, tuple) else str(charset)
    for name in (named, "utf-8", "cp1252"):
        try:
            return payload.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return payload.decode("latin-1")


def _add_file(body: Body, part: Message) -> None:
    content = part.get_payload(decode=True)
    if isinstance(content, bytes) and content and len(body.files) < MOST_FILES:
        body.files.append(File(_name(part), content))


def _add_message(body: Body, part: Message) -> None:
    inner = body.nested[-1] if body.nested else None
    if inner is None or len(body.files) >= MOST_FILES:
        return
    out = BytesIO()
    try:
        BytesGenerator(out, mangle_from_=False).flatten(inner)
    except Exception:  # noqa: BLE001 - what the original holds can still be read there
        return
    body.files.append(File(_name(part) if part.get_filename() else "message.eml", out.getvalue()))


def _name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
        name = str(make_header(decode_header(name)))
    except Exception:  # noqa: BLE001 - a file without a name is a file
        name = ""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c for c in name if c.isprintable())[:200] or "file"


def text_of_html(html: str) -> str:
    words = _Words()
    try:
        words.feed(html[:LONGEST_HTML])
        words.close()
    except Exception:  # noqa: S110, BLE001 - what was read before it counts
        pass
    return words.text()


class _Words(HTMLParser):
    """What a reader would read; quotes get their ">"."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quoted = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _BREAKS:
            self._end_line()
        if tag == "blockquote":
            self._quoted += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BREAKS:
            self._end_line()
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)
        if tag == "p":
            self._lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._line.append(data)

    def _end_line(self) -> None:
        text = " ".join("".join(self._line).split())
        self._line.clear()
        if text:
            self._lines.append("> " * min(self._quoted, 3) + text)

    def text(self) -> str:
        self._end_line()
        kept: list[str] = []
        for each in self._lines:
            if each or (kept and kept[-1]):
                kept.append(each)
        return "\n".join(kept).strip()
