"""Monthly figures: what counts, in which month, and when a figure has no value."""

from datetime import date

from reports.metrics.facts import dealers_of
from reports.metrics.report import reports_of


def _only(facts):
    (report,) = reports_of(facts)
    return report


def test_gmv_keeps_what_was_refunded_later_and_net_gmv_loses_it_when_it_is_refunded(facts_of, line):
    report = _only(
        facts_of(
            line("2026-01-10", 10_000),
            line("2026-02-03", -4_000, order="r1", kind="refund"),
            until="2026-02-28",
        )
    )
    january, february = report.months
    assert (january.gmv_minor, january.refund_minor, january.net_gmv_minor) == (10_000, 0, 10_000)
    assert (february.gmv_minor, february.refund_minor, february.net_gmv_minor) == (0, 4_000, -4_000)


def test_lines_that_are_no_goods_count_nowhere(facts_of, line):
    report = _only(
        facts_of(
            line("2026-01-10", 10_000),
            line("2026-01-10", 1_800, kind="not_goods"),
            line("2026-01-11", 500, order="o2", kind="not_goods"),
            until="2026-01-31",
        )
    )
    (january,) = report.months
    assert (january.gmv_minor, january.orders, january.units) == (10_000, 1, 1)


def test_an_order_of_several_lines_is_one_order_but_the_same_number_at_two_shops_is_two(
    facts_of, line
):
    report = _only(
        facts_of(
            line("2026-01-10", 100, quantity=2),
            line("2026-01-10", 200, product="p2", quantity=3),
            line("2026-01-11", 300, source="other shop system"),
            until="2026-01-31",
        )
    )
    (january,) = report.months
    assert (january.orders, january.units, january.gmv_minor) == (2, 6, 600)
    assert january.average_order_minor == 300


def test_months_without_orders_are_months_of_zeros_up_to_the_last_month_of_the_facts(
    facts_of, line
):
    report = _only(facts_of(line("2025-11-10", 100), until="2026-02-10"))
    assert [month.month for month in report.months] == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert [month.gmv_minor for month in report.months] == [100, 0, 0, 0]
    assert report.months[1].average_order_minor is None


def test_a_refund_before_the_first_sale_opens_the_report_so_that_no_money_is_lost(facts_of, line):
    report = _only(
        facts_of(
            line("2026-01-10", -300, kind="refund", order="r1"),
            line("2026-02-10", 100),
            until="2026-02-28",
        )
    )
    assert [month.net_gmv_minor for month in report.months] == [-300, 100]
    assert report.first_sold_on == date(2026, 2, 10)


def test_growth_is_missing_from_zero_before_the_first_month_and_in_an_unfinished_month(
    facts_of, line
):
    lines = [line("2026-01-10", 100), line("2026-03-10", 50), line("2026-04-10", 75)]
    unfinished = _only(facts_of(*lines, until="2026-04-29"))
    finished = _only(facts_of(*lines, until="2026-04-30"))
    assert [month.mom_bps for month in unfinished.months] == [None, -10_000, None, None]
    assert [month.complete for month in unfinished.months] == [True, True, True, False]
    assert [month.mom_bps for month in finished.months] == [None, -10_000, None, 5_000]


def test_a_year_is_compared_even_when_the_earlier_month_is_no_longer_shown(facts_of, line):
    report = _only(facts_of(line("2023-01-10", 100), line("2024-01-10", 150), until="2026-01-31"))
    assert len(report.months) == 25
    first = report.months[0]
    assert (first.month, first.yoy_bps) == (date(2024, 1, 1), 5_000)


def test_a_dealer_with_neither_sale_nor_refund_still_has_a_report_of_no_months(facts_of, line):
    report = _only(facts_of(line("2026-01-10", 100, kind="not_goods"), until="2026-01-31"))
    assert (report.months, report.mix, report.first_sold_on) == ((), (), None)


def test_a_lucky_dealer_without_refunds_is_not_told_that_the_source_reports_none(facts_of, line):
    reports = list(
        reports_of(
            facts_of(
                line("2026-01-10", 100, dealer="lucky"),
                line("2026-01-10", 100, dealer="unlucky"),
                line("2026-01-12", -50, dealer="unlucky", kind="refund", source="refund list"),
                line("2026-01-10", 100, dealer="elsewhere", source="system without refunds"),
                until="2026-01-31",
            )
        )
    )
    assert {report.dealer_ref: report.has_refunds for report in reports} == {
        "lucky": True,
        "unlucky": True,
        "elsewhere": False,
    }


def test_reports_come_in_order_with_names_and_can_be_restricted(facts_of, line):
    facts = facts_of(
        *(line("2026-01-10", 100, dealer=ref) for ref in ("b", "a", "店", "c")),
        until="2026-01-31",
    )
    assert dealers_of(facts) == ("a", "b", "c", "店")
    assert [report.dealer_ref for report in reports_of(facts)] == ["a", "b", "c", "店"]
    chosen = list(reports_of(facts, only={"c", "a", "nobody"}, names={"a": "甲店"}))
    assert [(report.dealer_ref, report.dealer_name) for report in chosen] == [
        ("a", "甲店"),
        ("c", "c"),
    ]
    assert dealers_of(facts, only=()) == ()


def test_more_dealers_than_fit_one_batch_all_keep_their_own_figures(facts_of, line):
    facts = facts_of(
        *(line("2026-01-10", number + 1, dealer=f"d{number:04}") for number in range(1_003)),
        until="2026-01-31",
    )
    gmv = {report.dealer_ref: report.months[0].gmv_minor for report in reports_of(facts)}
    assert gmv == {f"d{number:04}": number + 1 for number in range(1_003)}
