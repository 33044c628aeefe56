"""What each dealer's latest complete months were made of, by category or by product."""

from collections.abc import Iterator
from datetime import date

import duckdb

from reports.metrics.dealer import MixRow
from reports.metrics.definitions import MIX_MONTHS, MIX_ROWS
from reports.metrics.months import is_complete, month_index
from reports.metrics.rounding import share_bps

MixSum = tuple[str, int, int]
"""Label, GMV of the window, GMV of the window before; money in minor units."""

_MONTH_INDEX = (
    "CAST(substr(month, 1, 4) AS INTEGER) * 12 + CAST(substr(month, 6, 2) AS INTEGER) - 1"
)

# The window ends with the last complete month. A dealer who began in the unfinished month has
# only that one, and it is better shown than nothing.
_WINDOWS = f"""
CREATE TEMP TABLE windows AS
WITH begun AS (
    SELECT dealer_ref, min({_MONTH_INDEX}) AS begun_at
    FROM lines JOIN chosen USING (dealer_ref)
    WHERE kind IN ('sale', 'refund') GROUP BY dealer_ref
), ended AS (
    SELECT dealer_ref, begun_at, greatest(begun_at, CAST(? AS INTEGER)) AS last_at FROM begun
)
SELECT dealer_ref, last_at, least(CAST(? AS INTEGER), last_at - begun_at + 1) AS months FROM ended
"""  # noqa: S608 – the only inserted text is the constant above

_MIX_SUMS = f"""
CREATE TEMP TABLE mix_sums AS
WITH placed AS (
    SELECT l.dealer_ref, nullif(l.category, '') AS category, l.product_ref, l.product_name,
        l.occurred_at, l.amount_minor, {_MONTH_INDEX} > w.last_at - w.months AS is_now
    FROM lines AS l JOIN windows AS w ON w.dealer_ref = l.dealer_ref
    WHERE l.kind = 'sale'
        AND {_MONTH_INDEX} <= w.last_at AND {_MONTH_INDEX} > w.last_at - 2 * w.months
), kinds AS (
    SELECT dealer_ref, count(category) > 0 AS by_category FROM placed GROUP BY dealer_ref
), parts AS (
    SELECT p.dealer_ref, k.by_category,
        CASE WHEN k.by_category THEN p.category ELSE p.product_ref END AS part,
        max(CASE WHEN k.by_category THEN p.category END) AS category,
        -- Names change; the latest is the one the dealer knows. Equal times: the greater name.
        max(struct_pack(at := p.occurred_at, name := p.product_name)).name AS product_name,
        sum(CASE WHEN p.is_now THEN p.amount_minor ELSE 0 END) AS gmv,
        sum(CASE WHEN p.is_now THEN 0 ELSE p.amount_minor END) AS before
    FROM placed AS p JOIN kinds AS k ON k.dealer_ref = p.dealer_ref
    GROUP BY p.dealer_ref, k.by_category, part
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY dealer_ref ORDER BY part IS NULL, gmv DESC, before DESC, part) AS place
    FROM parts WHERE gmv > 0 OR before > 0
), folded AS (
    SELECT dealer_ref, by_category, gmv, before,
        CASE WHEN part IS NULL OR place > CAST(? AS INTEGER) THEN NULL ELSE place END AS place,
        coalesce(category, nullif(product_name, ''), part) AS label
    FROM ranked
)
SELECT dealer_ref, by_category, coalesce(place, 0) AS position,
    CASE WHEN place IS NULL THEN '' ELSE max(label) END AS label,
    CAST(sum(gmv) AS BIGINT) AS gmv, CAST(sum(before) AS BIGINT) AS before
FROM folded GROUP BY dealer_ref, by_category, place
"""  # noqa: S608 – the only inserted text is the constant above


def collect_mix_sums(connection: duckdb.DuckDBPyConnection, *, facts_until: date) -> None:
    """Make the tables `windows` and `mix_sums` of the chosen dealers.

    A dealer's mix is by category as soon as one line of both windows has one; lines without are
    then part of everything else. At most MIX_ROWS parts are named.
    """
    last = month_index(facts_until)
    last_complete = last if is_complete(index=last, facts_until=facts_until) else last - 1
    connection.execute(_WINDOWS, [last_complete, MIX_MONTHS])
    connection.execute(_MIX_SUMS, [MIX_ROWS])


def mix_by_dealer(
    connection: duckdb.DuckDBPyConnection, *, first: str, last: str
) -> Iterator[tuple[str, bool, MixSum]]:
    """Yield (dealer_ref, by category?, sums) of the dealers `first` to `last`, largest first.

    Everything else has the label "" and comes last.
    """
    rows = connection.execute(
        "SELECT dealer_ref, by_category, label, gmv, before FROM mix_sums"
        " WHERE dealer_ref BETWEEN ? AND ? ORDER BY dealer_ref, position = 0, position",
        [first, last],
    ).fetchall()
    for dealer_ref, by_category, label, gmv, before in rows:
        yield dealer_ref, by_category, (label, gmv, before)


def rows_of(sums: list[MixSum]) -> tuple[MixRow, ...]:
    """Return the mix with shares; empty when the window sold nothing, as shares have no value."""
    whole = sum(gmv for _, gmv, _ in sums)
    return tuple(
        MixRow(label=label, gmv_minor=gmv, share_bps=share, previous_gmv_minor=before)
        for label, gmv, before in sums
        if (share := share_bps(gmv, whole)) is not None
    )
