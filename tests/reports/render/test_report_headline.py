import dataclasses
from datetime import date

import pytest

from reports.render.headline import focus_index, sentence, tiles
from reports.render.text import wording
from reports.render.view import report_view

ZH, EN = wording("zh-CN"), wording("en")


def test_the_report_speaks_of_the_last_complete_month(rich):
    assert rich.months[-1].complete is False
    assert focus_index(rich.months) == len(rich.months) - 2


def test_without_a_complete_month_it_speaks_of_the_one_there_is_and_compares_nothing(tiny):
    only = dataclasses.replace(tiny.months[0], complete=False)
    report = dataclasses.replace(tiny, months=(only,), facts_until=date(2026, 10, 9))

    assert sentence(report, words=ZH) == (
        "10 月截至 2026年10月9日，成交额 £1,234.56；本月未满，暂不比较。"
    )
    assert tiles(report, words=ZH)[0].note == "数据不足：本月未满，暂不比较"


def test_the_sentence_names_both_comparisons(rich):
    assert sentence(rich, words=ZH) == (
        "10 月成交额 ¥119,510.07，比上月增长 10.6%，比去年同月增长 27.2%。"
    )
    assert sentence(rich, words=EN) == (
        "GMV in October was ¥119,510.07: up 10.6% on the month before, "
        "up 27.2% on the same month last year."
    )


def test_a_missing_comparison_gives_its_reason(tiny):
    assert sentence(tiny, words=ZH) == (
        "10 月成交额 £1,234.56；没有更早的月份，没有去年同月的记录，暂无环比与同比。"
    )


def test_a_month_after_one_without_sales_has_no_growth_and_says_why(weird):
    months = (*weird.months[:3], weird.months[3])
    report = dataclasses.replace(weird, months=months)

    assert "上月没有成交" in sentence(report, words=ZH)


def test_a_yearly_comparison_alone_is_told_alone(rich):
    month = dataclasses.replace(rich.months[-2], mom_bps=None)
    report = dataclasses.replace(rich, months=(*rich.months[:-2], month))

    assert sentence(report, words=ZH) == (
        "10 月成交额 ¥119,510.07，比去年同月增长 27.2%；上月没有成交，暂无环比。"
    )


def test_a_dealer_without_sales_has_a_sentence_and_no_tiles(empty):
    assert sentence(empty, words=ZH) == "截至 2026年10月31日，还没有成交记录。"
    assert tiles(empty, words=ZH) == ()


def test_every_tile_is_compared_or_excused(rich):
    shown = {tile.key: (tile.value, tile.note, tile.tone) for tile in tiles(rich, words=ZH)}

    assert shown["gmv"] == ("¥119,510.07", "比上月增长 10.6%", "up")
    assert shown["net_gmv"] == ("¥113,534.57", "比上月增长 9.4%", "up")
    assert shown["refund"] == ("¥5,975.50", "占成交额 5.0%", "flat")
    assert shown["average_order"] == ("¥43.00", "与上月持平", "flat")
    assert shown["repurchase"][0] == "40.0%"
    assert list(shown) == [
        *("gmv", "net_gmv", "refund", "orders", "average_order", "buyers", "repurchase"),
    ]


def test_unknown_buyers_and_refunds_are_not_shown_as_zero(tiny):
    shown = {tile.key: (tile.value, tile.note) for tile in tiles(tiny, words=ZH)}

    assert shown["refund"] == ("—", "来源没有退款记录")
    assert shown["buyers"] == ("—", "数据不足：数据来源不含买家信息")
    assert shown["repurchase"] == ("—", "数据不足：数据来源不含买家信息")


def test_growth_from_a_negative_net_month_is_not_a_percentage(weird):
    report = dataclasses.replace(weird, months=weird.months[:3])
    net = next(tile for tile in tiles(report, words=ZH) if tile.key == "net_gmv")

    assert report.months[1].net_gmv_minor < 0
    assert net.note == "数据不足：上月不大于 0"


def test_the_table_has_every_month_latest_first(rich):
    rows = report_view(rich, language="zh-CN").months

    assert [row.iso for row in rows] == [f"{m.month:%Y-%m}" for m in reversed(rich.months)]
    assert [row.partial for row in rows[:2]] == [True, False]


def test_columns_of_buyers_are_left_out_where_none_are_known(tiny, rich):
    assert "买家" not in report_view(tiny, language="zh-CN").columns
    assert "买家" in report_view(rich, language="zh-CN").columns


def test_the_notes_say_what_the_data_lack(tiny, rich):
    assert report_view(tiny, language="zh-CN").notes == (
        "数据来源没有退款记录，净成交额与成交额相同。",
        "有了可以比较的完整月份，才会出现增长图。",
    )
    assert "11 月的数据只到 2026年11月9日" in report_view(rich, language="zh-CN").notes[0]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_figure_is_defined_in_words(rich, language):
    entries = report_view(rich, language=language).definitions

    assert len(entries) >= 9
    assert all(entry.name and entry.formula and len(entry.lines) >= 2 for entry in entries)
