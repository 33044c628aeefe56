"""What a checked file changes in the facts: which orders, which months, and the new lines.

All of it is set-based SQL over two sets of lines, those in force (`held`) and the file's
(`incoming`). Values from files are bound or come from tables, never put into the text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from reports.facts import engine
from reports.facts.ingest import CheckedFile, Rejection
from reports.facts.versions import ImportedFile, MonthFile, month_path

_ALL = ", ".join(engine.LINE_COLUMNS)
# A line is the same whichever file brought it.
_CONTENT = ", ".join(column for column in engine.LINE_COLUMNS if column != "file_id")
_ORDER = "dealer_ref, occurred_at, order_no, line_no, source, kind, amount_minor, product_ref"

# A held line whose order the file brings again, or that came from this very file.
_REPLACED = """ours AND (order_no IN (SELECT order_no FROM incoming)
    OR same_file AND dealer_ref NOT IN (SELECT dealer_ref FROM other_currency))"""


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome; the new lines of `dirty_months` are in the connection's table `renewed`."""

    dirty_months: tuple[str, ...]
    orders_new: int
    orders_replaced: int
    orders_unchanged: int
    orders_removed: int
    mismatched: tuple[Rejection, ...]  # rows refused for their dealer's other currency
    mismatched_kinds: Mapping[str, int]  # class that these rows had in the check -> rows


def merge(
    db: duckdb.DuckDBPyConnection,
    checked: CheckedFile,
    *,
    held: Sequence[Path],
    files: Sequence[ImportedFile],
) -> Merged:
    """Compare a checked file with the facts in force and prepare the months that change."""
    _open(db, checked, held=held, files=files)
    mismatched, kinds = _set_other_currencies_apart(db, checked)
    _find_changes(db)
    new, replaced, unchanged, removed = _count_orders(db)
    return Merged(
        dirty_months=_renew(db),
        orders_new=new,
        orders_replaced=replaced,
        orders_unchanged=unchanged,
        orders_removed=removed,
        mismatched=mismatched,
        mismatched_kinds=kinds,
    )


def _open(
    db: duckdb.DuckDBPyConnection,
    checked: CheckedFile,
    *,
    held: Sequence[Path],
    files: Sequence[ImportedFile],
) -> None:
    lines = engine.select_lines(held)
    db.execute("CREATE TABLE files (source VARCHAR, file_id VARCHAR, kind_of_file VARCHAR)")
    for file in files:
        db.execute(
            "INSERT INTO files VALUES (?, ?, ?)", [file.source, file.file_id, file.kind_of_file]
        )
    db.execute(
        "CREATE TABLE this AS SELECT $1 AS source, $2 AS kind_of_file, $3 AS file_id",
        [checked.mapping.source, checked.mapping.kind_of_file, checked.file_id],
    )
    # `ours`: this file may renew the line. Lines of the very same file are renewed even when its
    # mapping was mended in between and reads other order numbers, or another kind of file.
    db.execute(
        f"""CREATE VIEW held AS
        SELECT lines.*, lines.file_id = this.file_id AND lines.source = this.source AS same_file,
            lines.source = this.source
                AND (files.kind_of_file = this.kind_of_file OR same_file) AS ours
        FROM ({lines}) AS lines JOIN files USING (source, file_id) CROSS JOIN this"""  # noqa: S608 – our own paths, quoted
    )
    db.execute(f"CREATE VIEW staged AS SELECT * FROM {engine.parquet(checked.staged)}")  # noqa: S608 – our own path, quoted


def _set_other_currencies_apart(
    db: duckdb.DuckDBPyConnection, checked: CheckedFile
) -> tuple[tuple[Rejection, ...], dict[str, int]]:
    """Make table `incoming` without dealers who keep lines in another currency.

    A file that brings all of a dealer's orders again may correct the currency.
    """
    db.execute(
        """CREATE TABLE other_currency AS
        SELECT dealer_ref, min(currency) AS currency FROM held
        WHERE currency <> $1 AND dealer_ref IN (SELECT dealer_ref FROM staged)
            AND NOT same_file
            AND NOT (ours AND (order_no, dealer_ref) IN
                (SELECT (order_no, dealer_ref) FROM staged WHERE dealer_ref IS NOT NULL))
        GROUP BY dealer_ref""",
        [checked.mapping.currency],
    )
    db.execute(
        """CREATE TABLE incoming AS SELECT * FROM staged WHERE dealer_ref IS NULL
            OR dealer_ref NOT IN (SELECT dealer_ref FROM other_currency)"""
    )
    found = db.execute(
        """SELECT row_no, kind, order_no, dealer_ref, product_name, other_currency.currency
        FROM staged JOIN other_currency USING (dealer_ref) ORDER BY row_no"""
    ).fetchall()
    kinds: dict[str, int] = {}
    for row in found:
        kinds[row[1]] = kinds.get(row[1], 0) + 1
    return tuple(_mismatch(checked, row) for row in found), kinds


def _mismatch(checked: CheckedFile, row: tuple[int, str, str, str, str, str]) -> Rejection:
    row_no, _, order_no, dealer_ref, product_name, currency = row
    columns = checked.mapping.columns
    return Rejection(
        row=row_no,
        code="currency_mismatch",
        field=columns["dealer_ref"],
        value=dealer_ref,
        params={
            "value": dealer_ref,
            "expected": currency,
            "found": checked.mapping.currency,
        },
        excerpt={
            columns["order_no"]: order_no,
            columns["dealer_ref"]: dealer_ref,
            columns["product_name"]: product_name,
        },
    )


def _find_changes(db: duckdb.DuckDBPyConnection) -> None:
    """Make `taken` (the file's lines), `known` (held lines they replace) and `changed` (orders)."""
    db.execute(f"CREATE TABLE taken AS SELECT {_ALL} FROM incoming WHERE kind <> 'unpaid'")  # noqa: S608 – constants
    db.execute(f"CREATE TABLE known AS SELECT {_ALL} FROM held WHERE {_REPLACED}")  # noqa: S608 – constants
    db.execute(
        f"""CREATE TABLE changed AS SELECT DISTINCT order_no FROM (
            (SELECT {_CONTENT} FROM taken EXCEPT ALL SELECT {_CONTENT} FROM known)
            UNION ALL
            (SELECT {_CONTENT} FROM known EXCEPT ALL SELECT {_CONTENT} FROM taken))"""  # noqa: S608 – constants
    )


def _renew(db: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Make `renewed`, all lines of every month in which an order changed; return the months."""
    db.execute(
        """CREATE TABLE dirty AS
        SELECT month FROM taken SEMI JOIN changed USING (order_no)
        UNION SELECT month FROM known SEMI JOIN changed USING (order_no)"""
    )
    db.execute(
        f"""CREATE TABLE renewed AS
        SELECT {_ALL} FROM held SEMI JOIN dirty USING (month)
        WHERE NOT (order_no IN (SELECT order_no FROM changed) AND {_REPLACED})
        UNION ALL
        SELECT {_ALL} FROM taken SEMI JOIN changed USING (order_no)"""  # noqa: S608 – constants
    )
    return tuple(row[0] for row in db.execute("SELECT month FROM dirty ORDER BY month").fetchall())


def _count_orders(db: duckdb.DuckDBPyConnection) -> tuple[int, int, int, int]:
    """Return the numbers of orders that are new, replaced, unchanged and removed."""
    row = db.execute(
        """SELECT count(*) FILTER (in_file AND NOT was_held),
            count(*) FILTER (in_file AND was_held AND differs),
            count(*) FILTER (in_file AND was_held AND NOT differs),
            count(*) FILTER (was_held AND NOT in_file)
        FROM (SELECT bool_or(place = 'taken') AS in_file, bool_or(place = 'known') AS was_held,
                bool_or(place = 'changed') AS differs
            FROM (SELECT order_no, 'taken' AS place FROM taken
                UNION ALL SELECT order_no, 'known' FROM known
                UNION ALL SELECT order_no, 'changed' FROM changed)
            GROUP BY order_no)"""
    ).fetchone()
    new, replaced, unchanged, removed = row or (0, 0, 0, 0)
    return new, replaced, unchanged, removed


def write_month(db: duckdb.DuckDBPyConnection, folder: Path, month: str) -> MonthFile | None:
    """Write a renewed month's file and return its entry; None when the month has no lines left."""
    row = db.execute(
        f"""SELECT count(*), sha256(string_agg(line, chr(10) ORDER BY line)) FROM (
            SELECT {_as_text()} AS line FROM renewed WHERE month = $1)""",  # noqa: S608 – constants
        [month],
    ).fetchone()
    if row is None or row[0] == 0:
        return None
    target = engine.literal(str(month_path(folder, month)))
    db.execute(
        f"""COPY (SELECT {_ALL} FROM renewed WHERE month = {engine.literal(month)}
            ORDER BY {_ORDER}, {_ALL})
        TO {target} (FORMAT parquet, COMPRESSION zstd)"""  # noqa: S608 – COPY takes no bound values; both are quoted
    )
    return MonthFile(lines=row[0], sha256=row[1])


def _as_text() -> str:
    """Return the SQL for a line as one text; unit and record separators occur in no value."""
    parts = (f"coalesce({column}::VARCHAR, chr(30))" for column in engine.LINE_COLUMNS)
    return f"concat_ws(chr(31), {', '.join(parts)})"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a set of month files holds, as the manifest states it."""

    currencies: Mapping[str, str]
    counts: Mapping[str, int]
    first_on: date | None
    last_on: date | None
    files: frozenset[tuple[str, str]]  # (source, file_id) that lines came from


def contents(db: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Contents:
    """Sum up finished month files."""
    db.execute(f"CREATE OR REPLACE VIEW contents AS {engine.select_lines(paths)}")
    dealers = db.execute(
        "SELECT dealer_ref, min(currency) FROM contents GROUP BY dealer_ref ORDER BY dealer_ref"
    ).fetchall()
    kinds = db.execute("SELECT kind, count(*) FROM contents GROUP BY kind ORDER BY kind").fetchall()
    files = db.execute("SELECT DISTINCT source, file_id FROM contents").fetchall()
    span = db.execute("SELECT min(occurred_on), max(occurred_on) FROM contents").fetchone()
    first_on, last_on = span or (None, None)
    return Contents(
        currencies=dict(dealers),
        counts=dict(kinds),
        first_on=first_on,
        last_on=last_on,
        files=frozenset(files),
    )
