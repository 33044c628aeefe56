"""Cells that a spreadsheet would run as a formula: found on the way in, defused on the way out.

Order files are other people's input. A cell such as `=cmd|' /C calc'!A0` is kept as the text it
is; only a file that we hand out again must not let a spreadsheet execute it.
"""

import re

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
    """Return the text for a cell of an exported CSV, with an apostrophe before a formula."""
    return f"'{text}" if is_formula(text) else text
