"""Active and repeat buyers of all dealers by month, in one pass."""

import duckdb

from reports.metrics.definitions import REPEAT_DAYS

# The order before a buyer's first one of a month is the last one of the buyer's previous active
# month, so one look back over (dealer, buyer, month) finds it without joining orders to orders.
_BUYER_SUMS = """
CREATE TEMP TABLE buyer_sums AS
WITH active AS (
    SELECT dealer_ref, buyer_key, month,
        min(occurred_on) AS first_on, max(occurred_on) AS last_on
    FROM lines JOIN chosen USING (dealer_ref)
    WHERE kind = 'sale' AND buyer_key IS NOT NULL
    GROUP BY dealer_ref, buyer_key, month
), seen AS (
    SELECT dealer_ref, month, first_on,
        lag(last_on) OVER (PARTITION BY dealer_ref, buyer_key ORDER BY month) AS before_on
    FROM active
)
SELECT dealer_ref, month, count(*) AS active,
    CAST(sum(CASE WHEN first_on - before_on <= CAST(? AS INTEGER) THEN 1 ELSE 0 END) AS BIGINT)
        AS repeat
FROM seen GROUP BY dealer_ref, month
"""


def collect_buyer_sums(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `buyer_sums`: active and repeat buyers of each chosen dealer and month.

    A repeat buyer has an order at the same dealer at most REPEAT_DAYS days before the first
    order of the month. Lines that name no buyer are not counted.
    """
    connection.execute(_BUYER_SUMS, [REPEAT_DAYS])
