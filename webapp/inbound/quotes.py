"""What a person wrote, without the mail that they answer and without their signature. Pure."""

from __future__ import annotations

import re

# “On 3 March 2026 at 10:02, Ana wrote:” in the languages of the mail programs that our reporters use.
_OPENING = (
    r"On|Le|El|Il giorno|Il|Am|Em|No dia|Op|Noong|Nang|Sa|Den|Dne|W dniu|Pada|Vào|في|بتاريخ|يوم"
)
_VERBS = (
    r"wrote|writes|a écrit|escribió|ha scritto|schrieb|escreveu|schreef|isinulat|sumulat|ay nagsulat|sinulat|"
    r"skrev|napsal|napisał|menulis|đã viết|كتب"
)
_WROTE = re.compile(rf"^(?:{_OPENING})\b.{{0,250}}?(?:{_VERBS}).{{0,120}}[:：]$", re.IGNORECASE)
_CJK_WROTE = re.compile(r"^.{5,200}(?:写道|寫道|のメール|さんは書きました)[:：]$")
_BAR = re.compile(
    r"^[-_*\s]{2,}(?:original message|forwarded message|message d.origine|message transféré|"
    r"mensaje original|mensaje reenviado|ursprüngliche nachricht|weitergeleitete nachricht|"
    r"messaggio originale|mensagem original|oorspronkelijk bericht|orihinal na mensahe|"
    r"الرسالة الأصلية)[-_*\s]{2,}$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^\*?(?:From|De|Von|Da|Van|Mula kay|Mula sa|Mula|من)\s?:\*?\s?\S", re.IGNORECASE
)
_NEXT = re.compile(
    r"^\*?(?:Sent|Date|To|Subject|Cc|Envoyé|À|Objet|Enviado|Enviada|Fecha|Para|Asunto|Assunto|Gesendet|Datum|An|"
    r"Betreff|Inviato|Data|A|Oggetto|Verzonden|Aan|Onderwerp|Petsa|Ipinadala|Para kay|Paksa|التاريخ|إلى|الموضوع)"
    r"\s?:",
    re.IGNORECASE,
)
SIGNATURE = "--"
LONGEST_SIGNATURE = 15  # lines
_SENT_FROM = re.compile(
    r"^(?:Sent from my |Sent from (?:Outlook|Mail|Yahoo)|Get Outlook for |Envoyé de mon |Envoyé depuis |"
    r"Enviado desde mi |Von meinem .{2,30} gesendet|Inviato da|Ipinadala mula sa )",
    re.IGNORECASE,
)


def split_reply(text: str) -> str:
    """The reply in `text`; all of it where nothing else would be left."""
    lines = text.split("\n")
    end = _quote_begins(lines)
    kept = lines[:end]
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith(">")):
        kept.pop()
    kept = _without_signature(kept)
    return "\n".join(kept).strip() or text.strip()


def _quote_begins(lines: list[str]) -> int:
    """The line at which the mail that is answered begins, where nothing of one's own follows."""
    for at, line in enumerate(lines):
        bare = line.strip()
        if not bare:
            continue
        if _BAR.match(bare) or is_header_block(lines, at):
            return at
        length = wrote_line(lines, at)
        if length and not _own_words_after(lines, at + length):
            return at
    return len(lines)


def wrote_line(lines: list[str], at: int) -> int:
    """How many lines the “… wrote:” that begins here takes; 0 for none."""
    joined = ""
    for length in (1, 2, 3):
        if at + length > len(lines):
            break
        joined = f"{joined} {lines[at + length - 1].strip()}".strip()
        if len(joined) > 400:
            break
        if _WROTE.match(joined) or (length == 1 and _CJK_WROTE.match(joined)):
            return length
    return 0


def is_header_block(lines: list[str], at: int) -> bool:
    """“From: … Sent: … To: …” as Outlook puts it above what is answered."""
    if not _FROM.match(lines[at].strip()):
        return False
    following = [line.strip() for line in lines[at + 1 : at + 6]]
    return sum(1 for line in following if _NEXT.match(line)) >= 2


def _own_words_after(lines: list[str], at: int) -> bool:
    """Whether somebody answers between or below the quoted lines: then all of it is theirs."""
    quoted = [line.lstrip().startswith(">") for line in lines[at:]]
    if not any(quoted):
        return False  # quoted without marks, as some programs do
    last = len(quoted) - 1 - quoted[::-1].index(True)
    own = [
        line
        for line, is_quoted in zip(lines[at:], quoted, strict=True)
        if line.strip() and not is_quoted
    ]
    rest = [line for line in lines[at + last + 1 :] if line.strip()]
    return bool(own) and (rest != own or not _is_signature(rest))


def _is_signature(lines: list[str]) -> bool:
    return bool(lines) and (lines[0].rstrip() == SIGNATURE or bool(_SENT_FROM.match(lines[0])))


def _without_signature(lines: list[str]) -> list[str]:
    lowest = max(0, len(lines) - LONGEST_SIGNATURE)
    for at in range(len(lines) - 1, lowest - 1, -1):
        if lines[at].rstrip() == SIGNATURE:
            return lines[:at]
    for at in range(max(0, len(lines) - 3), len(lines)):
        if _SENT_FROM.match(lines[at].strip()):
            return lines[:at]
    return lines
