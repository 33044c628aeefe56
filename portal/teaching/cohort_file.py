"""The cohort view as a CSV file for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from reports.facts.quality import safe_cell


def write(table: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark, by which spreadsheets know it.

    What a spreadsheet would run as a formula is defused.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([safe_cell(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")
