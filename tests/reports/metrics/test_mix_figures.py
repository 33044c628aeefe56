"""The mix: its windows, its parts and their shares."""

from reports.metrics.definitions import MIX_ROWS
from reports.metrics.report import reports_of


def _mix(facts):
    (report,) = reports_of(facts)
    return report, [
        (row.label, row.gmv_minor, row.share_bps, row.previous_gmv_minor) for row in report.mix
    ]


def test_the_mix_covers_three_complete_months_against_the_three_before(facts_of, line):
    report, rows = _mix(
        facts_of(
            line("2025-09-30", 7, product="p1", name="too old"),
            line("2025-10-01", 40, product="p1", name="点卡"),
            line("2025-12-31", 10, product="p2", name="会员"),
            line("2026-01-01", 300, product="p2", name="会员"),
            line("2026-03-31", 100, product="p1", name="点卡"),
            line("2026-04-01", 9_999, product="p3", name="unfinished month"),
            until="2026-04-10",
        )
    )
    assert (report.mix_by, report.mix_months) == ("product", 3)
    assert rows == [("会员", 300, 7_500, 10), ("点卡", 100, 2_500, 40)]


def test_a_young_shop_is_measured_over_the_months_it_has(facts_of, line):
    report, rows = _mix(facts_of(line("2026-02-10", 100), until="2026-03-31"))
    assert (report.mix_months, rows) == (2, [("点卡 100 元", 100, 10_000, 0)])
    report, rows = _mix(facts_of(line("2026-03-01", 100), until="2026-03-10"))
    assert (report.mix_months, rows) == (1, [("点卡 100 元", 100, 10_000, 0)])


def test_categories_go_before_products_and_lines_without_one_are_everything_else(facts_of, line):
    report, rows = _mix(
        facts_of(
            line("2026-01-10", 100, category="游戏充值"),
            line("2026-01-10", 500, product="p2"),
            line("2026-01-10", 50, product="p3", category=""),
            line("2026-01-10", 200, product="p4", category="视频会员"),
            until="2026-01-31",
        )
    )
    assert report.mix_by == "category"
    assert [(label, gmv) for label, gmv, _, _ in rows] == [
        ("视频会员", 200),
        ("游戏充值", 100),
        ("", 550),
    ]


def test_only_the_largest_parts_are_named_and_the_rest_adds_up(facts_of, line):
    lines = [
        line("2026-01-10", 100 + n, product=f"p{n:02}", name=f"商品 {n:02}")
        for n in range(MIX_ROWS + 3)
    ]
    _, rows = _mix(facts_of(*lines, until="2026-01-31"))
    assert [label for label, *_ in rows] == [*(f"商品 {n:02}" for n in range(10, 2, -1)), ""]
    assert rows[-1][1] == 100 + 101 + 102
    assert sum(gmv for _, gmv, _, _ in rows) == sum(item.amount for item in lines)


def test_a_renamed_product_is_one_row_under_its_latest_name(facts_of, line):
    _, rows = _mix(
        facts_of(
            line("2026-01-10", 100, name="旧名"),
            line("2026-01-12", 100, name="新名"),
            line("2026-01-11", 50, product="bare", name=""),
            until="2026-01-31",
        )
    )
    assert [(label, gmv) for label, gmv, _, _ in rows] == [("新名", 200), ("bare", 50)]


def test_a_window_that_sold_nothing_has_no_mix(facts_of, line):
    _, rows = _mix(facts_of(line("2025-10-10", 100), until="2026-03-31"))
    assert rows == []
