"""The figures a second time, by another way: plain sums from Parquet, then loops in Python.

It exists to catch a mistake in `reports.metrics`, so it shares nothing with it: not the SQL, not
the rounding, not the constants, not even the month column. It is written to be read, not to be
fast, and follows the wording of the definitions.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

_LOOK_BACK = timedelta(days=90)
_FEWEST_BUYERS = 10
_MOST_MONTHS = 25
_WINDOW = 3
_NAMED_PARTS = 8

Figures = dict[str, int | bool | None]
"""One month by the names of report.json."""

MixRows = list[dict[str, int | str | None]]
"""The mix by the names of report.json."""


@dataclass(frozen=True)
class Recounted:
    """What one dealer's report must say."""

    months: dict[str, Figures]  # by YYYY-MM, in order
    mix: MixRows


@dataclass(frozen=True)
class _Raw:
    """The sums that everything is worked out from; months are YYYY-MM, keys start with dealer."""

    until: date
    amounts: Mapping[tuple[str, str, str], tuple[int, int]]  # dealer, month, kind: amount, units
    orders: Mapping[tuple[str, str], int]
    buyers: Mapping[tuple[str, str], int]
    repeats: Mapping[tuple[str, str], int]
    opened: Mapping[str, date]  # first sale
    parts: Mapping[str, list[tuple[str, str | None, str, int]]]  # month, category, product, GMV
    names: Mapping[tuple[str, str], str]  # dealer, product: its latest name


def recount(*, files: Sequence[Path], until: date) -> dict[str, Recounted]:
    """Return what every dealer's report must say, by reference.

    `files` are the Parquet files of the facts, `until` the last day they cover.
    """
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        raw = _read(connection, files, until)
        dealers = _rows(connection, "SELECT DISTINCT dealer_ref FROM l ORDER BY 1")
    return {ref: _dealer(raw, ref) for (ref,) in dealers}


def _read(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], until: date) -> _Raw:
    """Return the sums of all lines in the Parquet files."""
    connection.execute(
        "CREATE TABLE l AS SELECT *, strftime(occurred_on, '%Y-%m') AS m FROM read_parquet(?)",
        [[str(path) for path in files]],
    )
    connection.execute("CREATE VIEW s AS SELECT * FROM l WHERE kind = 'sale'")
    amounts = "SELECT dealer_ref, m, kind, sum(amount_minor), sum(quantity) FROM l GROUP BY ALL"
    orders = (
        "SELECT dealer_ref, m, count(DISTINCT source || chr(0) || order_no) FROM s GROUP BY ALL"
    )
    buyers = "SELECT dealer_ref, m, count(DISTINCT buyer_key) FROM s GROUP BY ALL"
    repeats = (
        "SELECT dealer_ref, m, count(*) FROM"
        " (SELECT dealer_ref, m, buyer_key, min(occurred_on) AS f FROM s GROUP BY ALL) AS a"
        " WHERE EXISTS (SELECT 1 FROM s AS b WHERE b.dealer_ref = a.dealer_ref"
        " AND b.buyer_key = a.buyer_key AND b.occurred_on < a.f"
        " AND b.occurred_on >= a.f - INTERVAL 90 DAY) GROUP BY ALL"
    )
    parts = "SELECT dealer_ref, m, category, product_ref, sum(amount_minor) FROM s GROUP BY ALL"
    by_dealer = defaultdict(list)
    for ref, *part in _rows(connection, parts):
        by_dealer[ref].append(tuple(part))
    return _Raw(
        until=until,
        amounts={(r, m, k): (int(a), int(q)) for r, m, k, a, q in _rows(connection, amounts)},
        orders={(r, m): n for r, m, n in _rows(connection, orders)},
        buyers={(r, m): n for r, m, n in _rows(connection, buyers)},
        repeats={(r, m): n for r, m, n in _rows(connection, repeats)},
        opened=dict(_rows(connection, "SELECT dealer_ref, min(occurred_on) FROM s GROUP BY ALL")),
        parts=by_dealer,
        names=_latest_names(connection),
    )


def _latest_names(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """Return each product's name on its last sale."""
    rows = "SELECT dealer_ref, product_ref, product_name FROM s ORDER BY occurred_at, product_name"
    return {(ref, product): name for ref, product, name in _rows(connection, rows)}


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    """Return all rows of a query."""
    return connection.execute(sql).fetchall()


def _dealer(raw: _Raw, ref: str) -> Recounted:
    """Return what one dealer's report must say."""
    active = sorted(m for r, m, kind in raw.amounts if r == ref and kind in ("sale", "refund"))
    if not active:
        return Recounted(months={}, mix=[])
    months = list(_months(active[0], f"{raw.until:%Y-%m}"))
    shown = months[-_MOST_MONTHS:]
    return Recounted(
        months={month: _figures(raw, ref, month) for month in shown},
        mix=_mix(raw, ref, months),
    )


def _figures(raw: _Raw, ref: str, month: str) -> Figures:
    """Return one month's figures."""
    gmv = _gmv(raw, ref, month)
    refund = -raw.amounts.get((ref, month, "refund"), (0, 0))[0]
    complete = _is_over(month, raw.until)
    return {
        "gmv_minor": gmv,
        "refund_minor": refund,
        "net_gmv_minor": gmv - refund,
        "orders": raw.orders.get((ref, month), 0),
        "units": raw.amounts.get((ref, month, "sale"), (0, 0))[1],
        "mom_bps": _growth(gmv, _gmv(raw, ref, _back(month, 1))) if complete else None,
        "yoy_bps": _growth(gmv, _gmv(raw, ref, _back(month, 12))) if complete else None,
        "complete": complete,
        **_buyers(raw, ref, month),
    }


def _buyers(raw: _Raw, ref: str, month: str) -> Figures:
    """Return the month's figures about buyers; all None when nobody says who bought."""
    known = any(count for (r, _), count in raw.buyers.items() if r == ref)
    active = raw.buyers.get((ref, month), 0)
    if not known or (not active and raw.orders.get((ref, month), 0)):
        return {"active_buyers": None, "repeat_buyers": None, "repurchase_bps": None}
    if date.fromisoformat(f"{month}-01") - raw.opened[ref] < _LOOK_BACK:
        return {"active_buyers": active, "repeat_buyers": None, "repurchase_bps": None}
    repeat = raw.repeats.get((ref, month), 0)
    rate = round(Fraction(repeat, active) * 10_000) if active >= _FEWEST_BUYERS else None
    return {"active_buyers": active, "repeat_buyers": repeat, "repurchase_bps": rate}


def _mix(raw: _Raw, ref: str, months: list[str]) -> MixRows:
    """Return the mix over the last complete months, against as many before."""
    complete = [month for month in months if _is_over(month, raw.until)] or months[:1]
    window = complete[-_WINDOW:]
    before = [_back(month, len(window)) for month in window]
    lines = [part for part in raw.parts.get(ref, []) if part[0] in (*window, *before)]
    by_category = any(category for _, category, _, _ in lines)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for month, category, product, gmv in lines:
        sums[(category or "") if by_category else product][month in before] += gmv
    whole = sum(now for now, _ in sums.values())
    if not whole:
        return []
    named = [(part, now, earlier) for part, (now, earlier) in sums.items() if part]
    named = [row for row in named if row[1] or row[2]]
    named.sort(key=lambda row: (-row[1], -row[2], row[0]))
    top = named[:_NAMED_PARTS]
    rows = [
        _mix_row(part if by_category else raw.names[ref, part] or part, now, earlier, whole)
        for part, now, earlier in top
    ]
    rest_now = whole - sum(now for _, now, _ in top)
    rest_before = sum(earlier for _, earlier in sums.values()) - sum(
        earlier for _, _, earlier in top
    )
    if rest_now or rest_before:
        rows.append(_mix_row("", rest_now, rest_before, whole))
    return rows


def _mix_row(label: str, now: int, before: int, whole: int) -> dict[str, int | str | None]:
    """Return one row of the mix."""
    share = round(Fraction(now, whole) * 10_000)
    return {"label": label, "gmv_minor": now, "share_bps": share, "previous_gmv_minor": before}


def _gmv(raw: _Raw, ref: str, month: str) -> int:
    """Return a month's GMV, 0 without sales."""
    return raw.amounts.get((ref, month, "sale"), (0, 0))[0]


def _growth(now: int, before: int) -> int | None:
    """Return the growth in basis points; round() of a fraction is exact and half-even."""
    return round(Fraction(now - before, before) * 10_000) if before > 0 else None


def _is_over(month: str, until: date) -> bool:
    """Return whether the day after the facts end belongs to a later month."""
    return f"{until + timedelta(days=1):%Y-%m}" > month


def _months(first: str, last: str) -> Iterator[str]:
    """Yield the months from `first` to `last`, both included."""
    day = date.fromisoformat(f"{first}-01")
    while f"{day:%Y-%m}" <= last:
        yield f"{day:%Y-%m}"
        day = (day + timedelta(days=31)).replace(day=1)


def _back(month: str, count: int) -> str:
    """Return the month `count` months earlier."""
    year, number = (int(part) for part in month.split("-"))
    years, number = divmod(number - 1 - count, 12)
    return f"{year + years:04}-{number + 1:02}"
