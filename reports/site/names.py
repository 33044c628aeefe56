"""Display names of dealers from a CSV file with the columns dealer_ref and name."""

import csv
from pathlib import Path

_HEADER = ["dealer_ref", "name"]


class NamesRefused(ValueError):
    """The file of names cannot be used; `code` and `values` say why, for a message."""

    def __init__(self, code: str, **values: object) -> None:
        """Remember what is wrong and where."""
        super().__init__(f"{code} {values}")
        self.code = code
        self.values = values


def read_names(path: Path) -> dict[str, str]:
    """Return name by reference; a reference without a name is left out.

    Raises NamesRefused for a file of another shape, OSError when it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except UnicodeDecodeError as error:
        raise NamesRefused("names_encoding", path=path) from error
    except csv.Error as error:
        raise NamesRefused("names_csv", path=path, detail=error) from error
    header = rows[0] if rows else []
    if header != _HEADER:
        raise NamesRefused("names_header", path=path, found=",".join(header)[:80])
    names = {}
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(_HEADER) or not row[0]:
            raise NamesRefused("names_row", path=path, line=line)
        if row[1].strip():
            names[row[0]] = row[1].strip()
    return names
