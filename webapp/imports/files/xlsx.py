"""XLSX, read as it is unpacked: no more of it is in memory than one row, and a few of the texts that cells share."""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import Any, Self
from xml.etree.ElementTree import Element
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError
from defusedxml.ElementTree import fromstring as parsed
from flask_babel import gettext

from webapp.imports.files import Cell, Row, Unreadable

_PIECE = 65_536
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_LETTERS = re.compile(r"[A-Z]+")
_NOT_OF_TIME = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]|General', re.IGNORECASE)
_TIME_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_BAD = (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, EOFError)


class Book:
    """An open workbook. `sheets`: name → where its cells stand. Raises Unreadable."""

    def __init__(self, path: Path) -> None:
        try:
            self._packed = zipfile.ZipFile(path)
            book = self._tree("xl/workbook.xml")
            targets = {
                each.get("Id", ""): each.get("Target", "")
                for each in self._tree("xl/_rels/workbook.xml.rels")
            }
            self.sheets = {
                each.get("name", ""): _within(
                    targets[each.get(_RELATION) or each.get(_STRICT_RELATION) or ""]
                )
                for each in book.iter()
                if _tag(each) == "sheet"
            }
            properties = [each for each in book.iter() if _tag(each) == "workbookPr"]
            late = any(each.get("date1904") in ("1", "true") for each in properties)
            self._origin = datetime(1904, 1, 1) if late else datetime(1899, 12, 30)  # noqa: DTZ001
            self._times = self._time_styles()
            self._texts = _Texts(self._packed)
        except (*_BAD, ParseError, DefusedXmlException):
            raise _damaged() from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._texts.close()
        self._packed.close()

    def rows(self, sheet: str) -> Iterator[Row]:
        """Rows that have cells, with their numbers."""
        reader = _Rows(self._value)
        try:
            for _ in _fed(self._packed, self.sheets[sheet], reader.parser):
                yield from reader.taken()
        except _BAD:
            raise _damaged() from None

    def _value(self, kind: str, style: int, text: str) -> Cell:
        match kind:
            case "s":
                return self._texts[int(text)]
            case "e":
                return {"e": text}
            case "d":
                return {"t": text.removesuffix("Z")}
            case "b":
                return "TRUE" if text == "1" else "FALSE"
            case "n":
                return self._number(style, text)
        return text

    def _number(self, style: int, text: str) -> Cell:
        number = float(text)
        if style in self._times and 0 < number < 2_958_466:
            moment = self._origin + timedelta(seconds=round(number * 86_400))
            return {"t": moment.isoformat()}
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text

    def _time_styles(self) -> set[int]:
        """Which of the cells' styles show a number as a time."""
        if "xl/styles.xml" not in self._packed.namelist():
            return set()
        tree = self._tree("xl/styles.xml")
        formats = set(_TIME_FORMATS)
        for each in (each for each in tree.iter() if _tag(each) == "numFmt"):
            shown = _NOT_OF_TIME.sub("", each.get("formatCode", ""))
            if re.search("[ymdhs]", shown, re.IGNORECASE):
                formats.add(int(each.get("numFmtId", "0")))
        cells = next((each for each in tree if _tag(each) == "cellXfs"), ())
        numbers = [int(each.get("numFmtId", "0")) for each in cells]
        return {place for place, number in enumerate(numbers) if number in formats}

    def _tree(self, name: str) -> Element:
        found: Element = parsed(self._packed.read(name))
        return found


class _Rows:
    """What expat tells of a sheet, as rows."""

    def __init__(self, value: Callable[[str, int, str], Cell]) -> None:
        self._value, self._ready = value, list[Row]()
        self._number, self._cells, self._column = 0, list[Cell](), 0
        self._kind, self._style = "n", 0
        self._text, self._inside, self._spoken = list[str](), False, False
        self.parser = _parser(self._begin, self._end, self._say)

    def taken(self) -> list[Row]:
        ready, self._ready = self._ready, []
        return ready

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            place = _LETTERS.match(attributes.get("r", ""))
            self._column = _column(place[0]) if place else len(self._cells)
            self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            self._text.clear()
        elif tag in ("v", "t"):
            self._inside = not self._spoken
        elif tag == "rPh":
            self._spoken = True
        elif tag == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells = []

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag in ("v", "t"):
            self._inside = False
        elif tag == "rPh":
            self._spoken = False
        elif tag == "c":
            text = "".join(self._text)
            if text:
                self._cells.extend([""] * (self._column - len(self._cells)))
                self._cells.append(self._value(self._kind, self._style, text))
        elif tag == "row" and self._cells:
            self._ready.append((self._number, self._cells))

    def _say(self, text: str) -> None:
        if self._inside:
            self._text.append(text)


class _Texts:
    """The texts that cells share, in a file of their own: there may be a million of them."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._file: Any = TemporaryFile()  # noqa: SIM115 - closed with the book
        self._ends = array("Q")
        self._text, self._inside, self._spoken = list[str](), False, False
        self._get = lru_cache(maxsize=2000)(self._read)
        if "xl/sharedStrings.xml" in packed.namelist():
            parser = _parser(self._begin, self._end, self._say)
            for _ in _fed(packed, "xl/sharedStrings.xml", parser):
                pass

    def __getitem__(self, place: int) -> str:
        return self._get(place)

    def close(self) -> None:
        self._file.close()

    def _read(self, place: int) -> str:
        if place >= len(self._ends):
            raise ValueError("no such text")
        start = self._ends[place - 1] if place else 0
        self._file.seek(start)
        return str(self._file.read(self._ends[place] - start), "utf-8")

    def _begin(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._inside = tag == "t" and not self._spoken
        self._spoken = self._spoken or tag == "rPh"

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        self._inside = False
        if tag == "rPh":
            self._spoken = False
        elif tag == "si":
            self._file.write("".join(self._text).encode())
            self._ends.append(self._file.tell())
            self._text.clear()

    def _say(self, text: str) -> None:
        if self._inside:
            self._text.append(text)


def _parser(begin: Any, end: Any, say: Any) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = say
    parser.StartDoctypeDeclHandler = _refuse  # no sheet has entities; an attack does
    return parser


def _refuse(*_declaration: Any) -> None:
    raise ValueError("a sheet declares no entities")


def _fed(packed: zipfile.ZipFile, name: str, parser: expat.XMLParserType) -> Iterator[None]:
    with packed.open(name) as file:
        while piece := file.read(_PIECE):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    yield


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    if number > 16_384:
        raise ValueError("no such column")
    return number - 1


def _within(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _damaged() -> Unreadable:
    return Unreadable(gettext("The file is damaged: open it and save it once more."))
