"""Cells that a spreadsheet would run as a formula: found on the way in, defused on the way out.

Order files are other people's input. A cell such as `=cmd|' /C calc'!A0` is kept as the text it
is; only a file that we hand out again must not let a spreadsheet execute it.
"""

import csv
import re
from collections.abc import Callable, Iterable
from typing import TextIO

Writer = Callable[[Iterable[object]], None]
# Full-width signs start a formula in East Asian versions of spreadsheets as well.
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_DDE = re.compile(r"DDE\s*\(", re.IGNORECASE)


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet might run this cell; plain signed numbers are not formulas."""
    if not text:
        return False
    # Some spreadsheets drop spaces before they look for the sign.
    first = text[0] if text[0] in "\t\r\n" else text.lstrip(" ")[:1]
    if first in FORMULA_STARTS:
        return _PLAIN_NUMBER.fullmatch(text) is None
    return first in ("D", "d") and _DDE.match(text.lstrip(" ")) is not None


def safe_cell(text: str) -> str:
    """Return the text for a cell of an exported CSV, with an apostrophe before a formula.

    A text that was a formula behind apostrophes gets one more, so that each cell stands for one
    text only: `original_cell` gives it back.
    """
    return f"'{text}" if is_formula(text.lstrip("'")) else text


def original_cell(cell: str) -> str:
    """Return the text for which `safe_cell` gave this cell."""
    return cell.removeprefix("'") if is_formula(cell.lstrip("'")) else cell


def safe_table(file: TextIO) -> Writer:
    """Return a writer of CSV rows in which no cell can start anything.

    Every cell stands in quotes: a spreadsheet that takes semicolons for the separator would
    otherwise find the second half of a text at the beginning of a cell. Words are texts; what is
    no text, such as a negative number, is what it is.
    """
    plain = csv.writer(file, quoting=csv.QUOTE_ALL)

    def write(row: Iterable[object]) -> None:
        plain.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])

    return write
