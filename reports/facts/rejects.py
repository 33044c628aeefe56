"""The list of rows that were not taken, for the person who has to mend them."""

import io
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from reports.facts.ingest import CheckedFile, Rejection
from reports.facts.quality import safe_table
from reports.facts.versions import write_whole

HEADERS = {
    "zh-CN": ("行号", "原因代码", "原因", "列", "值"),
    "en": ("row", "reason_code", "reason", "column", "value"),
}


def write(
    folder: Path, checked: CheckedFile, *, also: Iterable[Rejection], language: str
) -> Path | None:
    """Write `<file_id>.csv` with every rejected row and `also`; None when there is none.

    It holds only columns that the mapping keeps; formulas are defused. UTF-8 with a byte order
    mark, so that spreadsheets read Chinese rightly. A list from an earlier import of the file goes.
    """
    path = folder / f"{checked.file_id}.csv"
    text = io.StringIO(newline="")
    text.write("\ufeff")
    add = safe_table(text)
    add([*HEADERS[language], *checked.excerpt_columns])
    written = 0
    for rejection in chain(checked.rejections(), also):
        add(_cells(rejection, checked.excerpt_columns, language=language))
        written += 1
    if written == 0:
        path.unlink(missing_ok=True)
        return None
    write_whole(path, text.getvalue())
    return path


def _cells(rejection: Rejection, columns: Iterable[str], *, language: str) -> list[object]:
    excerpt = (rejection.excerpt.get(column, "") for column in columns)
    reason = rejection.text(language)
    return [rejection.row, rejection.code, reason, rejection.field, rejection.value, *excerpt]
