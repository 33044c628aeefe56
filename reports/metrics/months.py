"""Monthly sums of all dealers in one pass, and the dense, compared months of one dealer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from reports.metrics.dealer import MonthFigures
from reports.metrics.definitions import MAX_MONTHS, MIN_BUYERS, REPEAT_DAYS
from reports.metrics.rounding import growth_bps, share_bps

# An order's lines are brought together first: an order is counted once however many lines it
# has, and two shop systems may give the same order number.
_MONTH_SUMS = """
CREATE TEMP TABLE month_sums AS
WITH order_sums AS (
    SELECT dealer_ref, month, source, order_no,
        sum(CASE WHEN kind = 'sale' THEN amount_minor ELSE 0 END) AS gmv,
        -sum(CASE WHEN kind = 'refund' THEN amount_minor ELSE 0 END) AS refund,
        sum(CASE WHEN kind = 'sale' THEN quantity ELSE 0 END) AS units,
        max(CASE WHEN kind = 'sale' THEN 1 ELSE 0 END) AS sold,
        max(CASE WHEN kind = 'sale' AND buyer_key IS NOT NULL THEN 1 ELSE 0 END) AS named
    FROM lines JOIN chosen USING (dealer_ref)
    WHERE kind IN ('sale', 'refund')
    GROUP BY dealer_ref, month, source, order_no
)
SELECT dealer_ref, month, CAST(sum(gmv) AS BIGINT) AS gmv, CAST(sum(refund) AS BIGINT) AS refund,
    CAST(sum(units) AS BIGINT) AS units, CAST(sum(sold) AS BIGINT) AS orders,
    CAST(sum(named) AS BIGINT) AS named_orders
FROM order_sums GROUP BY dealer_ref, month
"""


@dataclass(frozen=True, slots=True)
class MonthSums:
    """What one dealer's facts add up to in one month; money in minor units, refund >= 0."""

    gmv_minor: int = 0
    refund_minor: int = 0
    units: int = 0
    orders: int = 0
    named_orders: int = 0  # orders that name their buyer
    active_buyers: int = 0
    repeat_buyers: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of one dealer's time and buyers, beyond the sums of each month."""

    first_sold_on: date | None
    facts_until: date
    has_buyers: bool


def collect_month_sums(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `month_sums`, one row for each chosen dealer and month with goods."""
    connection.execute(_MONTH_SUMS)


def month_index(day: date) -> int:
    """Return the number of `day`'s month on a line without gaps: months since year 0."""
    return day.year * 12 + day.month - 1


def month_start(index: int) -> date:
    """Return the first day of the month with that `month_index`."""
    return date(index // 12, index % 12 + 1, 1)


def is_complete(*, index: int, facts_until: date) -> bool:
    """Return whether the facts reach the last day of the month `index`."""
    return facts_until >= month_start(index + 1) - timedelta(days=1)


def figures_of(*, sums: Mapping[int, MonthSums], coverage: Coverage) -> tuple[MonthFigures, ...]:
    """Return a dealer's months without gaps, from the first with a sale or refund to the last.

    `sums` holds the months that have any, by `month_index`. The last month is the one in which
    the facts end; at most MAX_MONTHS are returned, the latest. Comparisons are made before the
    older months are cut off, so the first month shown may have them. Empty when `sums` is.
    """
    if not sums:
        return ()
    last = month_index(coverage.facts_until)
    first = max(min(sums), last - MAX_MONTHS + 1)
    return tuple(_figures(index, sums, coverage) for index in range(first, last + 1))


def _figures(index: int, sums: Mapping[int, MonthSums], coverage: Coverage) -> MonthFigures:
    """Return one month's figures, growth None when the month is not over in the facts."""
    none = MonthSums()
    own = sums.get(index, none)
    complete = is_complete(index=index, facts_until=coverage.facts_until)
    active = _active_buyers(own, coverage)
    repeat = own.repeat_buyers if active is not None and _has_history(index, coverage) else None
    enough = active is not None and repeat is not None and active >= MIN_BUYERS
    before, year_ago = (sums.get(index - back, none).gmv_minor for back in (1, 12))
    return MonthFigures(
        month=month_start(index),
        gmv_minor=own.gmv_minor,
        refund_minor=own.refund_minor,
        net_gmv_minor=own.gmv_minor - own.refund_minor,
        orders=own.orders,
        units=own.units,
        active_buyers=active,
        repeat_buyers=repeat,
        repurchase_bps=share_bps(own.repeat_buyers, own.active_buyers) if enough else None,
        mom_bps=growth_bps(now=own.gmv_minor, before=before) if complete else None,
        yoy_bps=growth_bps(now=own.gmv_minor, before=year_ago) if complete else None,
        complete=complete,
    )


def _active_buyers(own: MonthSums, coverage: Coverage) -> int | None:
    """Return the month's buyers; None when none of its orders says who bought."""
    if not coverage.has_buyers or (own.orders and not own.named_orders):
        return None
    return own.active_buyers


def _has_history(index: int, coverage: Coverage) -> bool:
    """Return whether the look-back of a repeat buyer lies within what the facts know.

    Facts begin where the export begins: for the first months an earlier purchase may only be
    missing from the file, and the rate would read as low when it is unknown.
    """
    if coverage.first_sold_on is None:
        return False
    return month_start(index) - timedelta(days=REPEAT_DAYS) >= coverage.first_sold_on


def sums_by_dealer(
    connection: duckdb.DuckDBPyConnection, *, first: str, last: str
) -> Iterator[tuple[str, int, MonthSums]]:
    """Yield (dealer_ref, month index, sums) of the dealers `first` to `last`, both included."""
    rows = connection.execute(
        "SELECT m.dealer_ref, m.month, m.gmv, m.refund, m.units, m.orders, m.named_orders,"
        " coalesce(b.active, 0), coalesce(b.repeat, 0)"
        " FROM month_sums AS m LEFT JOIN buyer_sums AS b"
        " ON b.dealer_ref = m.dealer_ref AND b.month = m.month"
        " WHERE m.dealer_ref BETWEEN ? AND ? ORDER BY m.dealer_ref, m.month",
        [first, last],
    ).fetchall()
    for dealer_ref, month, *values in rows:
        yield dealer_ref, month_index(date.fromisoformat(f"{month}-01")), MonthSums(*values)
