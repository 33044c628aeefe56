"""Any set of lines: the set-based SQL agrees with the definition followed line by line."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.metrics.report import reports_of

_BEGIN, _UNTIL = date(2025, 10, 1), date(2026, 5, 20)

_lines = st.lists(
    st.tuples(
        st.integers(0, (_UNTIL - _BEGIN).days),
        st.sampled_from(["sale", "sale", "sale", "refund", "not_goods"]),
        st.integers(0, 10**7),
        st.sampled_from(["d1", "d2"]),
        st.sampled_from([None, "a", "b", "c"]),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=40,
)


def _months(lines):
    first = min(line.on for line in lines)[:7]
    month = date.fromisoformat(f"{first}-01")
    while month <= _UNTIL:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def _gmv(lines, month):
    return sum(x.amount for x in lines if x.kind == "sale" and x.on[:7] == f"{month:%Y-%m}")


def _growth(now, before):
    """Python's own round() of a Fraction is exact and half-even."""
    return round(Fraction(now - before, before) * 10_000) if before > 0 else None


def _repeat(sales, month):
    this = [x for x in sales if x.on[:7] == f"{month:%Y-%m}" and x.buyer]
    count = 0
    for buyer in {x.buyer for x in this}:
        first = date.fromisoformat(min(x.on for x in this if x.buyer == buyer))
        earliest = first - timedelta(days=90)
        count += any(
            x.buyer == buyer and earliest <= date.fromisoformat(x.on) < first for x in sales
        )
    return len({x.buyer for x in this}), count


@given(rows=_lines)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_month_of_every_dealer_agrees_with_the_definition(rows, facts_of, line):
    lines = [
        line(
            (_BEGIN + timedelta(days=day)).isoformat(),
            -amount if kind == "refund" else amount,
            dealer=dealer,
            order=f"o{order}-{day}-{kind}",
            kind=kind,
            buyer=buyer,
        )
        for day, kind, amount, dealer, buyer, order in rows
    ]
    reports = list(reports_of(facts_of(*lines, until=_UNTIL.isoformat())))
    assert [report.dealer_ref for report in reports] == sorted({x.dealer for x in lines})
    for report in reports:
        own = [x for x in lines if x.dealer == report.dealer_ref and x.kind != "not_goods"]
        sales = [x for x in own if x.kind == "sale"]
        assert [m.month for m in report.months] == (list(_months(own)) if own else [])
        for month in report.months:
            key = f"{month.month:%Y-%m}"
            gmv = _gmv(own, month.month)
            refund = -sum(x.amount for x in own if x.kind == "refund" and x.on[:7] == key)
            assert (month.gmv_minor, month.refund_minor) == (gmv, refund)
            assert month.net_gmv_minor == gmv - refund
            assert month.orders == len({x.order for x in sales if x.on[:7] == key})
            last_month = (month.month - timedelta(days=1)).replace(day=1)
            expected = _growth(gmv, _gmv(own, last_month)) if key != "2026-05" else None
            assert month.mom_bps == expected
            if month.repeat_buyers is not None:
                assert (month.active_buyers, month.repeat_buyers) == _repeat(sales, month.month)
