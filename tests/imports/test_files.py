"""Whatever encoding and delimiter a CSV has, and whatever a sheet holds, its rows come out as they were meant."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from webapp.imports.files import Unreadable, sheets, texts

FILIPINO = [["Title", "Place"], ["Ilaw na sira", "Peñafrancia, Naga"], ["Baha; “malalim”", "Señor"]]
ARABIC = [["العنوان", "المكان"], ["مصباح مكسور", "شارع الحرية"], ["حفرة في الطريق", "تونس"]]


def _csv(path: Path, rows: list[list[str]], *, encoding: str, delimiter: str = ",") -> Path:
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in rows]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def _read(path: Path) -> list[list[Any]]:
    kind = sheets.kind_of(path) or texts.kind_of(path)
    if kind.form == "csv":
        found = texts.rows_of(path, encoding=kind.encoding, delimiter=kind.delimiter)
    else:
        found = sheets.rows_of(path, form=kind.form, sheet=kind.sheets[0])
    return [cells for _, cells in found]


@pytest.mark.parametrize("delimiter", texts.DELIMITERS)
@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("utf-8", FILIPINO),
        ("utf-8-sig", ARABIC),
        ("utf-16", ARABIC),
        ("utf-16-le", FILIPINO),
        ("utf-16-be", FILIPINO),
        ("cp1252", FILIPINO),
        ("cp1256", ARABIC),
    ],
)
def test_encoding_and_delimiter_are_found_out(
    tmp_path: Path, encoding: str, rows: list[list[str]], delimiter: str
) -> None:
    assert _read(_csv(tmp_path / "a", rows, encoding=encoding, delimiter=delimiter)) == rows


def test_french_accents_are_not_taken_for_arabic(tmp_path: Path) -> None:
    rows = [["Détails", "État"], ["Lampe cassée à l’angle, très gênée", "fermé"]]
    assert _read(_csv(tmp_path / "a", rows, encoding="cp1252")) == rows


def test_excels_own_word_for_the_delimiter_is_believed_and_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("sep=;\na,b;c,d\n1,2;3,4\n")
    assert _read(tmp_path / "a") == [["a,b", "c,d"], ["1,2", "3,4"]]


def test_what_our_export_has_quoted_comes_back_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("Title\n'=1+1\n'quoted'\n")
    assert _read(tmp_path / "a")[1:] == [["=1+1"], ["'quoted'"]]


def test_a_quotation_mark_that_is_never_closed_is_told(tmp_path: Path, app: Any) -> None:
    (tmp_path / "a").write_text('a,b\n1,"2' + "x\n" * 600_000)
    with pytest.raises(Unreadable, match="never closed"):
        _read(tmp_path / "a")


def test_a_file_that_is_not_in_the_chosen_encoding_is_told(tmp_path: Path, app: Any) -> None:
    _csv(tmp_path / "a", FILIPINO, encoding="cp1252")
    with pytest.raises(Unreadable, match="encoding"):
        list(texts.rows_of(tmp_path / "a", encoding="utf-8-sig", delimiter=","))


def _sheet(path: Path, *, constant_memory: bool) -> Path:
    with xlsxwriter.Workbook(str(path), {"constant_memory": constant_memory}) as book:
        sheet = book.add_worksheet("Reports")
        book.add_worksheet("Other")
        sheet.write_row(0, 0, ["Title", "When", "Count", "Ratio", "Sum", "Broken"])
        day = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.write_string(4, 0, "Ilaw <na> sira & more\nsecond line")
        sheet.write_datetime(4, 1, datetime(2026, 2, 3, 14, 30), day)  # noqa: DTZ001
        sheet.write_number(4, 2, 12)
        sheet.write_number(4, 3, 0.25)
        sheet.write_formula(4, 4, "=C5*2", value=24)
        sheet.write_formula(4, 5, "=1/0", value="#DIV/0!")
    return path


@pytest.mark.parametrize(
    "constant_memory", [True, False]
)  # texts in the cells, texts that cells share
def test_a_sheet_gives_texts_times_numbers_and_what_formulas_came_to(
    tmp_path: Path, constant_memory: bool
) -> None:
    path = _sheet(tmp_path / "a.xlsx", constant_memory=constant_memory)
    kind = sheets.kind_of(path)
    assert kind is not None
    assert kind.sheets == ("Reports", "Other")
    found = dict(sheets.rows_of(path, form="xlsx", sheet="Reports"))
    assert list(found) == [1, 5]
    assert found[5] == [
        "Ilaw <na> sira & more\nsecond line",
        {"t": "2026-02-03T14:30:00"},
        "12",
        "0.25",
        "24",
        {"e": "#DIV/0!"},
    ]


def test_a_damaged_sheet_a_bomb_and_an_attack_are_refused(tmp_path: Path, app: Any) -> None:
    whole = _sheet(tmp_path / "a.xlsx", constant_memory=True).read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="damaged"):
        sheets.kind_of(tmp_path / "half")

    with zipfile.ZipFile(tmp_path / "b", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"<a/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            for _ in range(1100):
                file.write(b" " * 1024 * 1024)
    with pytest.raises(Unreadable, match="1 GB"):
        sheets.kind_of(tmp_path / "b")

    evil = '<!DOCTYPE x [<!ENTITY a "b">]><worksheet><row r="1"><c><v>&a;</v></c></row></worksheet>'
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx") as old,
        zipfile.ZipFile(tmp_path / "c.xlsx", "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, evil if name.endswith("sheet1.xml") else old.read(name))
    with pytest.raises(Unreadable, match="damaged"):
        list(sheets.rows_of(tmp_path / "c.xlsx", form="xlsx", sheet="Reports"))
