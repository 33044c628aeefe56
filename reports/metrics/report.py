"""The reports of all dealers from one version of the facts: few queries, then plain values."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import duckdb

from reports.metrics.buyers import collect_buyer_sums
from reports.metrics.dealer import DealerReport
from reports.metrics.definitions import MIX_MONTHS
from reports.metrics.facts import Facts, choose_dealers
from reports.metrics.mix import MixSum, collect_mix_sums, mix_by_dealer, rows_of
from reports.metrics.months import (
    Coverage,
    MonthSums,
    collect_month_sums,
    figures_of,
    sums_by_dealer,
)

_BATCH = 500
"""Dealers whose rows are in memory at once."""

# Whether refunds are known is a matter of the source, not of the dealer: who has none may be
# lucky. And a refund list may be a source of its own, so what counts is whether anyone who
# shares a source with the dealer has a refund.
_PROFILES = """
CREATE TEMP TABLE profiles AS
WITH sourced AS (
    SELECT DISTINCT dealer_ref, source FROM lines
), refunded AS (
    SELECT DISTINCT s.source FROM sourced AS s
    WHERE s.dealer_ref IN (SELECT dealer_ref FROM lines WHERE kind = 'refund')
), knowing AS (
    SELECT DISTINCT dealer_ref FROM sourced WHERE source IN (SELECT source FROM refunded)
)
SELECT l.dealer_ref, min(l.currency) AS currency,
    min(CASE WHEN l.kind = 'sale' THEN l.occurred_on END) AS first_sold_on,
    max(CASE WHEN l.kind = 'sale' AND l.buyer_key IS NOT NULL THEN 1 ELSE 0 END) = 1 AS has_buyers,
    max(CASE WHEN k.dealer_ref IS NOT NULL THEN 1 ELSE 0 END) = 1 AS has_refunds
FROM lines AS l JOIN chosen AS c ON c.dealer_ref = l.dealer_ref
    LEFT JOIN knowing AS k ON k.dealer_ref = l.dealer_ref
GROUP BY l.dealer_ref
"""


class _Profile(NamedTuple):
    """What holds for a dealer over all months."""

    dealer_ref: str
    currency: str
    first_sold_on: date | None
    has_buyers: bool
    has_refunds: bool
    mix_months: int | None  # None: nothing sold, so there is no window


class _Sums(NamedTuple):
    """A batch's sums, by dealer."""

    months: Mapping[str, dict[int, MonthSums]]
    mix: Mapping[str, list[MixSum]]
    by_category: frozenset[str]


def reports_of(
    facts: Facts,
    *,
    names: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
) -> Iterator[DealerReport]:
    """Yield the report of every dealer with a line, ordered by reference.

    `names` gives display names by reference; a dealer without one is shown by reference.
    `only` restricts to these references; None: everyone. A dealer with neither sale nor refund
    has no months. All figures are computed for all dealers at once before the first is yielded.
    """
    with facts.connect() as connection:
        choose_dealers(connection, only=only)
        connection.execute(_PROFILES)
        collect_month_sums(connection)
        collect_buyer_sums(connection)
        collect_mix_sums(connection, facts_until=facts.facts_until)
        for batch in _batches(connection):
            sums = _sums_of(connection, batch)
            for profile in batch:
                yield _report(profile, sums, facts=facts, names=names or {})


def _batches(connection: duckdb.DuckDBPyConnection) -> Iterator[Sequence[_Profile]]:
    """Yield the dealers in order, _BATCH at a time."""
    # The references alone stay in memory for all dealers; a dealer's sums do not.
    profiles = [
        _Profile(*row)
        for row in connection.execute(
            "SELECT p.*, w.months FROM profiles AS p LEFT JOIN windows AS w"
            " ON w.dealer_ref = p.dealer_ref ORDER BY p.dealer_ref"
        ).fetchall()
    ]
    for start in range(0, len(profiles), _BATCH):
        yield profiles[start : start + _BATCH]


def _sums_of(connection: duckdb.DuckDBPyConnection, batch: Sequence[_Profile]) -> _Sums:
    """Return the sums of the batch, which is in the database's own order of references."""
    first, last = batch[0].dealer_ref, batch[-1].dealer_ref
    months: dict[str, dict[int, MonthSums]] = defaultdict(dict)
    for ref, index, month in sums_by_dealer(connection, first=first, last=last):
        months[ref][index] = month
    mix: dict[str, list[MixSum]] = defaultdict(list)
    by_category = set()
    for ref, is_category, row in mix_by_dealer(connection, first=first, last=last):
        mix[ref].append(row)
        if is_category:
            by_category.add(ref)
    return _Sums(months=months, mix=mix, by_category=frozenset(by_category))


def _report(
    profile: _Profile, sums: _Sums, *, facts: Facts, names: Mapping[str, str]
) -> DealerReport:
    """Return one dealer's report from the batch's sums."""
    ref = profile.dealer_ref
    coverage = Coverage(
        first_sold_on=profile.first_sold_on,
        facts_until=facts.facts_until,
        has_buyers=profile.has_buyers,
    )
    return DealerReport(
        dealer_ref=ref,
        dealer_name=names.get(ref, ref),
        currency=profile.currency,
        months=figures_of(sums=sums.months.get(ref, {}), coverage=coverage),
        mix=rows_of(sums.mix.get(ref, [])),
        mix_by="category" if ref in sums.by_category else "product",
        mix_months=profile.mix_months or MIX_MONTHS,
        has_buyers=profile.has_buyers,
        has_refunds=profile.has_refunds,
        first_sold_on=profile.first_sold_on,
        facts_until=facts.facts_until,
        facts_version=facts.version,
    )
