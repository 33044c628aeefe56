"""The rows that were not taken, as a CSV file for the person who has to mend them."""

import io
from collections.abc import Iterable, Sequence

from portal.i18n import gettext as _
from portal.sales import texts
from portal.sales.queries import RejectedLine
from reports.facts.quality import safe_table


def write(lines: Iterable[RejectedLine], *, columns: Sequence[str]) -> bytes:
    """Return the rows as CSV in UTF-8 with a byte order mark, by which spreadsheets know it.

    What a spreadsheet would run as a formula is defused. `columns` are the file's own columns
    that may be shown.
    """
    text = io.StringIO(newline="")
    add = safe_table(text)
    add([_("行号"), _("原因代码"), _("原因"), _("列"), _("值"), *columns])
    for line in lines:
        excerpt = (line.excerpt.get(column, "") for column in columns)
        reason = texts.row_problem(line.code, line.params)
        add([line.row_number, line.code, reason, line.field, line.value, *excerpt])
    return text.getvalue().encode("utf-8-sig")
