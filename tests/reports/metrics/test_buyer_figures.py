"""Active buyers and the repurchase rate, and when there is too little for one."""

from datetime import date, timedelta

from reports.metrics.definitions import MIN_BUYERS
from reports.metrics.report import reports_of


def _last_month(facts):
    (report,) = reports_of(facts)
    return report.months[-1]


def _opening(line):
    """Return a sale long before, so that the look-back lies within the facts."""
    return line("2025-01-01", 1, order="opening", buyer="first of all")


def test_a_repeat_buyer_bought_at_most_ninety_days_before_the_first_order_of_the_month(
    facts_of, line
):
    first_of_month = date(2026, 6, 20)
    for days, repeats in [(1, 0), (19, 0), (20, 1), (90, 1), (91, 0)]:
        before = (first_of_month - timedelta(days=days)).isoformat()
        month = _last_month(
            facts_of(
                _opening(line),
                line(before, 100, order="o0", buyer="b"),
                line("2026-06-20", 100, order="o1", buyer="b"),
                until="2026-06-30",
            )
        )
        # One and nineteen days before is the same month: then that is the first order.
        assert (days, month.active_buyers, month.repeat_buyers) == (days, 1, repeats)


def test_another_dealers_order_makes_nobody_a_repeat_buyer(facts_of, line):
    facts = facts_of(
        _opening(line),
        line("2026-05-20", 100, dealer="d2", order="o0", buyer="b"),
        line("2026-06-20", 100, order="o1", buyer="b"),
        until="2026-06-30",
    )
    own = next(iter(reports_of(facts, only={"d1"})))
    assert own.months[-1].repeat_buyers == 0


def test_a_refund_is_no_purchase(facts_of, line):
    month = _last_month(
        facts_of(
            _opening(line),
            line("2026-05-20", -100, order="r0", buyer="b", kind="refund"),
            line("2026-06-20", 100, order="o1", buyer="b"),
            until="2026-06-30",
        )
    )
    assert (month.active_buyers, month.repeat_buyers) == (1, 0)


def test_the_rate_needs_the_minimum_sample(facts_of, line):
    def month_of(buyers):
        lines = [
            line(day, 100, order=f"{day}/{buyer}", buyer=f"b{buyer}")
            for buyer in range(buyers)
            for day in (["2026-05-20", "2026-06-20"] if buyer < 4 else ["2026-06-20"])
        ]
        return _last_month(facts_of(_opening(line), *lines, until="2026-06-30"))

    assert month_of(MIN_BUYERS).repurchase_bps == 4_000
    few = month_of(MIN_BUYERS - 1)
    assert (few.active_buyers, few.repeat_buyers, few.repurchase_bps) == (MIN_BUYERS - 1, 4, None)


def test_there_is_no_rate_before_the_facts_reach_ninety_days_back(facts_of, line):
    def month_with_shop_opened(day):
        lines = [line("2026-06-20", 100, order=f"o{n}", buyer=f"b{n}") for n in range(MIN_BUYERS)]
        return _last_month(
            facts_of(line(day, 1, order="opening", buyer="x"), *lines, until="2026-06-30")
        )

    assert month_with_shop_opened("2026-03-03").repurchase_bps == 0
    young = month_with_shop_opened("2026-03-04")
    assert (young.repurchase_bps, young.repeat_buyers) == (None, None)


def test_buyers_are_unknown_and_not_zero_where_the_orders_name_none(facts_of, line):
    (report,) = reports_of(facts_of(line("2026-01-10", 100), until="2026-01-31"))
    assert not report.has_buyers
    assert report.months[0].active_buyers is None

    (report,) = reports_of(
        facts_of(
            line("2026-01-10", 100),
            line("2026-02-10", 100, order="o2", buyer="b"),
            until="2026-03-31",
        )
    )
    assert [month.active_buyers for month in report.months] == [None, 1, 0]
