"""The cohort view as a CSV file for a spreadsheet."""

import io
from collections.abc import Iterable, Sequence

from reports.facts.quality import safe_table


def write(table: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark, by which spreadsheets know it.

    What a spreadsheet would run as a formula is defused.
    """
    text = io.StringIO(newline="")
    row_of_file = safe_table(text)
    for row in table:
        row_of_file(row)
    return text.getvalue().encode("utf-8-sig")
