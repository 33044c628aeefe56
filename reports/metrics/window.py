"""A shop's figures over a few local days: what shows whether something was done in the shop.

All windows are measured in one pass over the facts, in integers; whoever compares them with a
target does so on these sums and not on a rounded rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from reports.metrics.definitions import REPEAT_DAYS
from reports.metrics.facts import Facts


@dataclass(frozen=True, slots=True)
class Window:
    """The local days of one dealer that are looked at, both ends included."""

    dealer_ref: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class WindowSums:
    """What one dealer's facts add up to in a window; money in minor units, refund >= 0.

    "Before" are the REPEAT_DAYS days before the window's first. What the source does not tell is
    None: buyers where no order names one, categories where no line has one, refunds where the
    source has none at all, new products where the source begins later than those days: a shop
    that its own system did not know then was not open, and all that it sells is new.
    """

    orders: int
    gmv_minor: int
    refund_minor: int | None
    buyers: int | None
    returning_buyers: int | None  # buyers of the window who bought before
    new_products: int | None  # products sold in the window and not before
    categories: int | None
    currency: str


# The days before a window matter only for who bought and what sold; all else is of the window.
_SUMS = """
WITH placed AS (
    SELECT w.id, l.occurred_on >= w.first_on AS inside, l.kind, l.source, l.order_no,
        l.amount_minor, l.buyer_key, l.product_ref, nullif(l.category, '') AS category
    FROM windows AS w JOIN lines AS l ON l.dealer_ref = w.dealer_ref
    WHERE l.kind IN ('sale', 'refund')
        AND l.occurred_on BETWEEN w.before_on AND w.last_on
), sums AS (
    SELECT id,
        count(DISTINCT CASE WHEN kind = 'sale' THEN struct_pack(s := source, o := order_no) END)
            AS orders,
        sum(CASE WHEN kind = 'sale' THEN amount_minor ELSE 0 END) AS gmv,
        -sum(CASE WHEN kind = 'refund' THEN amount_minor ELSE 0 END) AS refund,
        count(DISTINCT CASE WHEN kind = 'sale' THEN category END) AS categories
    FROM placed WHERE inside GROUP BY id
), buyers AS (
    SELECT id, buyer_key, max(CASE WHEN inside THEN 1 ELSE 0 END) AS now,
        max(CASE WHEN inside THEN 0 ELSE 1 END) AS earlier
    FROM placed WHERE kind = 'sale' AND buyer_key IS NOT NULL GROUP BY id, buyer_key
), buyer_sums AS (
    SELECT id, sum(now) AS buyers, sum(now * earlier) AS returning_buyers FROM buyers GROUP BY id
), products AS (
    SELECT id, product_ref, max(CASE WHEN inside THEN 0 ELSE 1 END) AS earlier
    FROM placed WHERE kind = 'sale' GROUP BY id, product_ref
), product_sums AS (
    SELECT id, sum(1 - earlier) AS new_products FROM products GROUP BY id
), refunding AS (
    -- As in the reports: a dealer without a refund may be lucky, a source without any tells none.
    SELECT DISTINCT source FROM lines
    WHERE dealer_ref IN (SELECT dealer_ref FROM lines WHERE kind = 'refund')
), sources AS (
    SELECT source, min(occurred_on) AS begins_on FROM lines GROUP BY source
), profiles AS (
    SELECT l.dealer_ref, min(l.currency) AS currency, min(s.begins_on) AS begins_on,
        bool_or(l.source IN (SELECT source FROM refunding)) AS has_refunds
    FROM lines AS l JOIN sources AS s ON s.source = l.source
    WHERE l.dealer_ref IN (SELECT dealer_ref FROM windows) GROUP BY l.dealer_ref
)
SELECT w.id, coalesce(s.orders, 0), coalesce(s.gmv, 0), coalesce(s.refund, 0),
    coalesce(b.buyers, 0), coalesce(b.returning_buyers, 0), coalesce(p.new_products, 0),
    coalesce(s.categories, 0), f.currency, f.has_refunds, f.begins_on <= w.before_on
FROM windows AS w JOIN profiles AS f ON f.dealer_ref = w.dealer_ref
    LEFT JOIN sums AS s ON s.id = w.id LEFT JOIN buyer_sums AS b ON b.id = w.id
    LEFT JOIN product_sums AS p ON p.id = w.id
ORDER BY w.id
"""


def measure(facts: Facts, windows: Sequence[Window]) -> tuple[WindowSums | None, ...]:
    """Return the sums of each window, in the windows' order; None for a dealer without a line."""
    if not windows:
        return ()
    with facts.connect() as connection:
        _place(connection, windows)
        rows = {row[0]: _sums(*row[1:]) for row in connection.execute(_SUMS).fetchall()}
    return tuple(rows.get(number) for number in range(len(windows)))


def _place(connection: duckdb.DuckDBPyConnection, windows: Sequence[Window]) -> None:
    connection.execute(
        "CREATE TEMP TABLE windows"
        " (id INTEGER, dealer_ref VARCHAR, before_on DATE, first_on DATE, last_on DATE)"
    )
    connection.executemany(
        "INSERT INTO windows VALUES (?, ?, ?, ?, ?)",
        [
            (
                number,
                each.dealer_ref,
                each.first_on - timedelta(days=REPEAT_DAYS),
                each.first_on,
                each.last_on,
            )
            for number, each in enumerate(windows)
        ],
    )


def _sums(  # noqa: PLR0913 – one row of the query above, in its order
    orders: int,
    gmv: int,
    refund: int,
    buyers: int,
    returning_buyers: int,
    new_products: int,
    categories: int,
    currency: str,
    has_refunds: bool,
    has_history: bool,
) -> WindowSums:
    """Return a row as sums, None where the source does not tell; no orders are counts of 0."""
    names_buyers = buyers > 0 or orders == 0
    return WindowSums(
        orders=int(orders),
        gmv_minor=int(gmv),
        refund_minor=int(refund) if has_refunds else None,
        buyers=int(buyers) if names_buyers else None,
        returning_buyers=int(returning_buyers) if names_buyers else None,
        new_products=int(new_products) if has_history else None,
        categories=int(categories) if categories > 0 or orders == 0 else None,
        currency=currency,
    )
