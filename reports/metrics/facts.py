"""What the metrics ask of the facts: a version, their last day, and a connection.

`reports.facts.store.Snapshot` gives it; the metrics depend on this shape and not on the store,
so a test can hand in a table of six lines.
"""

from collections.abc import Collection
from datetime import date
from typing import Protocol

import duckdb


class Facts(Protocol):
    """One version of the order facts, readable any number of times."""

    @property
    def version(self) -> str:
        """Return the id of this version."""

    @property
    def facts_until(self) -> date:
        """Return the last day that the facts cover."""

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a new connection with the view `lines`; the caller closes it."""


def dealers_of(facts: Facts, *, only: Collection[str] | None = None) -> tuple[str, ...]:
    """Return the references of all dealers with a line, ordered; of `only`, those that have one."""
    with facts.connect() as connection:
        choose_dealers(connection, only=only)
        rows = connection.execute("SELECT dealer_ref FROM chosen ORDER BY dealer_ref").fetchall()
    return tuple(ref for (ref,) in rows)


def choose_dealers(connection: duckdb.DuckDBPyConnection, *, only: Collection[str] | None) -> None:
    """Make the table `chosen(dealer_ref)` that all figures are restricted to; None: everyone."""
    if only is None:
        connection.execute("CREATE TEMP TABLE chosen AS SELECT DISTINCT dealer_ref FROM lines")
        return
    connection.execute("CREATE TEMP TABLE wanted (dealer_ref VARCHAR)")
    connection.execute("INSERT INTO wanted SELECT unnest(CAST(? AS VARCHAR[]))", [sorted(only)])
    connection.execute(
        "CREATE TEMP TABLE chosen AS SELECT DISTINCT dealer_ref FROM lines"
        " WHERE dealer_ref IN (SELECT dealer_ref FROM wanted)"
    )
