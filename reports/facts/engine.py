"""DuckDB as this package uses it: in memory, offline, plain SQL, no Python objects in between."""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

MEMORY_LIMIT = "1GB"  # for imports; what is larger goes through the disk
# Column order is part of the format: reports.facts.store writes it, every reader relies on it.
LINE_COLUMNS = (
    "source",
    "dealer_ref",
    "order_no",
    "line_no",
    "kind",
    "occurred_on",
    "occurred_at",
    "month",
    "product_ref",
    "product_name",
    "category",
    "region",
    "quantity",
    "amount_minor",
    "currency",
    "buyer_key",
    "original_order_no",
    "file_id",
)
# A table of this shape without rows: what facts without orders look like.
NO_LINES = """
    SELECT ''::VARCHAR AS source, ''::VARCHAR AS dealer_ref, ''::VARCHAR AS order_no,
        0::INTEGER AS line_no, ''::VARCHAR AS kind, NULL::DATE AS occurred_on,
        NULL::TIMESTAMP AS occurred_at, ''::VARCHAR AS month, ''::VARCHAR AS product_ref,
        ''::VARCHAR AS product_name, NULL::VARCHAR AS category, NULL::VARCHAR AS region,
        0::INTEGER AS quantity, 0::BIGINT AS amount_minor, ''::VARCHAR AS currency,
        NULL::VARCHAR AS buyer_key, NULL::VARCHAR AS original_order_no, ''::VARCHAR AS file_id
    WHERE false"""


def connect(*, spill_to: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a new in-memory database that downloads nothing; large sorts spill to `spill_to`."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    if spill_to is not None:
        connection.execute(f"SET temp_directory = {literal(str(spill_to))}")
        connection.execute(f"SET memory_limit = {literal(MEMORY_LIMIT)}")
    return connection


def literal(text: str) -> str:
    """Return `text` as an SQL string; for places where a bound value is not allowed (COPY, SET)."""
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def select_lines(paths: Sequence[Path]) -> str:
    """Return the query for all lines of these files; without files, one that has no rows."""
    return f"SELECT * FROM {parquet(*paths)}" if paths else NO_LINES  # noqa: S608 – quoted paths


def parquet(*paths: Path) -> str:
    """Return `read_parquet([...])` for exactly these files, whatever characters their names hold.

    Views cannot carry bound values. DuckDB would take *, ? and [ in a path for a pattern.
    """
    names = (re.sub(r"([*?\[])", r"[\1]", str(path)) for path in paths)
    return f"read_parquet([{', '.join(literal(name) for name in names)}])"
