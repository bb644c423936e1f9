"""Reading what people bring: CSV in whatever encoding, and sheets. Row by row; knows no tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# A cell as it is kept: text; a time as {"t": ISO}; what the sheet itself calls an error as {"e": "#REF!"}.
Cell = str | dict[str, str]
Row = tuple[int, list[Cell]]  # its number in the file, from 1
Rows = Iterator[Row]

MOST_COLUMNS = 200


class Unreadable(Exception):
    """The file cannot be read. The message is for people."""


@dataclass(frozen=True)
class Kind:
    """What a file turned out to be. `sheets`: their names, where it has any."""

    form: str  # csv, xlsx, xls, ods
    sheets: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""

    def as_options(self) -> dict[str, Any]:
        return {
            "sheets": list(self.sheets),
            "sheet": self.sheets[0] if self.sheets else "",
            "encoding": self.encoding,
            "delimiter": self.delimiter,
        }
