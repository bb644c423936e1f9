"""A bank's answer as a table: which columns say what, and what each line means for which payment. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flask_babel import gettext

from webapp.claims.duplicates import same_number
from webapp.claims.states import PAID, PAYMENT_FINAL, REJECTED
from webapp.core import money
from webapp.core.errors import Invalid

MOST_LINES = 20_000
LARGEST = 10 * 1024 * 1024  # bytes
# Meaning → words that headings of banks have for it; the first one is ours.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "payment": ("endtoendid", "reference", "référence", "bulletin", "numero", "numéro", "id"),
    "outcome": ("status", "statut", "etat", "état", "result", "résultat", "outcome"),
    "amount": ("amount", "montant", "instdamt"),
    "day": ("date", "executed", "exécution", "execution", "valeur"),
    "why": ("reason", "motif", "text", "libellé", "libelle", "comment"),
}
NEEDED = ("payment", "outcome")
_PAID = {"paid", "paye", "payé", "payee", "payée", "executed", "execute", "exécuté", "acsc", "accc",
         "accepted", "settled", "regle", "réglé", "ok", "مدفوع"}  # fmt: skip
_REJECTED = {"rejected", "rejete", "rejeté", "rejetee", "rejetée", "rjct", "refused", "refusé", "refuse",
             "returned", "retourne", "retourné", "failed", "مرفوض"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A payment that the answer may speak of."""

    payment_id: int
    end_to_end: str
    bulletin: str
    amount: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """`outcome`: paid, rejected; "" where `wrong` says why the line cannot be used, or it says nothing new."""

    number: int  # as a spreadsheet counts, the headings being line 1
    named: str
    payment_id: int | None = None
    outcome: str = ""
    day: date | None = None
    why: str = ""
    wrong: str = ""


def read(content: bytes) -> Sheet:
    """A CSV file with headings, in any of the usual encodings and with any of the usual separators. Raises Invalid."""
    if len(content) > LARGEST:
        raise Invalid(gettext("This file is larger than 10 MB; a bank's answer is not."))
    text = _decoded(content)
    sample = text[:4096]
    separator = max(";,\t|", key=sample.partition("\n")[0].count)
    rows = [
        tuple(cell.strip() for cell in row)
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        if any(cell.strip() for cell in row)
    ]
    if len(rows) < 2 or len(rows[0]) < 2:
        raise Invalid(
            gettext("This is no table: a CSV file with headings and at least one line is needed.")
        )
    if len(rows) > MOST_LINES:
        raise Invalid(gettext("At most %(n)s lines can be read at once.", n=MOST_LINES))
    return Sheet(rows[0], tuple(rows[1:]))


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Meaning → column, as far as the headings tell."""
    found: dict[str, int] = {}
    plain = ["".join(each.casefold().split()).replace("_", "") for each in headings]
    for meaning, words in COLUMNS.items():
        for word in words:
            at = next(
                (n for n, each in enumerate(plain) if word in each and n not in found.values()),
                None,
            )
            if at is not None:
                found[meaning] = at
                break
    return found


def lines_of(
    sheet: Sheet, columns: Mapping[str, int], awaited: Sequence[Awaited], *, currency: str
) -> list[Line]:
    """What each line says. Nothing is guessed: what does not fit in all that it says is wrong, with the reason."""
    by_name: dict[str, list[Awaited]] = {}
    for each in awaited:
        for name in {same_number(each.end_to_end), same_number(each.bulletin)}:
            by_name.setdefault(name, []).append(each)
    found, seen = [], set[int]()
    for number, row in enumerate(sheet.rows, start=2):
        line = _line(number, row, columns, by_name, currency)
        key = line.payment_id
        if key is not None and not line.wrong:
            if key in seen:
                line = Line(
                    number, line.named, wrong=gettext("The payment stands in the file twice.")
                )
            else:
                seen.add(key)
        found.append(line)
    return found


def _line(
    number: int,
    row: Sequence[str],
    columns: Mapping[str, int],
    by_name: Mapping[str, Sequence[Awaited]],
    currency: str,
) -> Line:
    def cell(meaning: str) -> str:
        at = columns.get(meaning)
        return row[at] if at is not None and at < len(row) else ""

    named = cell("payment")
    candidates = by_name.get(same_number(named), ())
    if len(candidates) != 1:
        return Line(number, named, wrong=gettext("This payment is not in the order."))
    [payment] = candidates
    outcome = _outcome(cell("outcome"))
    day, wrong = _day(cell("day"))
    if not outcome:
        wrong = gettext("“%(word)s” says neither paid nor rejected.", word=cell("outcome"))
    elif wrong == "" and not _fits(cell("amount"), payment.amount, currency):
        wrong = gettext("The amount is another one than ours.")
    elif payment.state in PAYMENT_FINAL and payment.state != outcome:
        wrong = gettext("The payment is over already, with another result.")
    if wrong:
        return Line(number, named, payment_id=payment.payment_id, wrong=wrong)
    if payment.state == outcome:
        return Line(number, named, payment_id=payment.payment_id)
    return Line(number, named, payment.payment_id, outcome, day, cell("why")[:300])


def _outcome(word: str) -> str:
    plain = word.casefold().strip()
    if plain in _PAID:
        return PAID
    return REJECTED if plain in _REJECTED else ""


def _fits(written: str, amount: Decimal, currency: str) -> bool:
    if not written:
        return True
    plain = "".join(written.replace(currency, "").split()).replace("\u202f", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        return money.exact(plain.replace(",", ""), currency) == amount
    except ValueError:
        return False


def _day(written: str) -> tuple[date | None, str]:
    if not written:
        return None, ""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(written[:10], form).date(), ""  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None, gettext("“%(word)s” is no date.", word=written[:40])


def _decoded(content: bytes) -> str:
    for encoding in (
        "utf-8-sig",
        "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8",
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", errors="replace")
