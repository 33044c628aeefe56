import dataclasses
import json
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.render.figures import GROWTH_CEILING_BPS, figures
from reports.render.ticks import ticks


def test_plotly_itself_accepts_every_figure(any_report, language):
    for figure in figures(any_report, language=language).values():
        go.Figure(figure)


def test_control_plotly_refuses_a_property_it_does_not_know(rich):
    figure = figures(rich, language="zh-CN")["trend"]
    with pytest.raises(ValueError, match="Invalid property"):
        go.Figure({**figure, "layout": {**figure["layout"], "no_such_property": 1}})


def test_the_charts_come_in_their_order(rich):
    assert list(figures(rich, language="en")) == ["trend", "growth", "mix", "buyers"]


def test_charts_with_nothing_to_show_are_left_out(tiny, empty):
    assert list(figures(tiny, language="zh-CN")) == ["trend", "mix"]
    assert figures(empty, language="zh-CN") == {}


def test_figures_survive_json_unchanged(any_report, language):
    made = figures(any_report, language=language)
    assert json.loads(json.dumps(made)) == made


def test_the_trend_holds_every_month_exactly(rich):
    whole, part, net = figures(rich, language="zh-CN")["trend"]["data"]

    assert whole["y"][:-1] == [month.gmv_minor for month in rich.months[:-1]]
    assert part["y"][-1] == rich.months[-1].gmv_minor
    assert net["y"] == [*(month.net_gmv_minor for month in rich.months[:-1]), None]


def test_a_month_that_is_not_over_is_drawn_apart(rich):
    whole, part, _ = figures(rich, language="zh-CN")["trend"]["data"]

    assert whole["y"][-1] is None
    assert part["y"][:-1] == [None] * (len(rich.months) - 1)
    assert part["marker"]["color"] != whole["marker"]["color"]


def test_months_without_growth_are_gaps_and_not_zeros(weird):
    (mom,) = figures(weird, language="zh-CN")["growth"]["data"]
    assert mom["y"] == [month.mom_bps for month in weird.months]
    assert None in mom["y"]


def test_growth_beyond_the_scale_is_marked_and_explained(weird):
    layout = figures(weird, language="zh-CN")["growth"]["layout"]

    assert max(month.mom_bps or 0 for month in weird.months) > GROWTH_CEILING_BPS
    assert layout["yaxis"]["range"][1] == GROWTH_CEILING_BPS
    assert [entry["x"] for entry in layout["annotations"]] == ["2026-09"]
    assert layout["meta"]["note"]


def test_no_annotation_where_all_bars_fit(rich):
    layout = figures(rich, language="zh-CN")["growth"]["layout"]
    assert layout["annotations"] == []
    assert layout["meta"]["note"] == ""


def test_names_reach_plotly_as_text_and_not_as_markup(weird):
    texts = figures(weird, language="zh-CN")["mix"]["layout"]["yaxis"]["ticktext"]
    hovers = figures(weird, language="zh-CN")["mix"]["data"][0]["hovertext"]

    assert texts[0].startswith("&lt;/script&gt;")
    assert "<script>" not in " ".join(hovers)
    assert "&lt;b&gt;粗体&lt;/b&gt; &amp; $x^2$ %{x}" in hovers[1]


def test_everything_else_is_told_and_not_drawn(rich):
    layout = figures(rich, language="zh-CN")["mix"]["layout"]

    assert rich.mix[-1].label == ""
    assert len(layout["yaxis"]["ticktext"]) == len(rich.mix) - 1
    assert layout["meta"]["note"] == "其他占 1.3%，没有画在图里。"


def test_a_mix_of_nothing_but_the_rest_has_no_chart(rich):
    rest = dataclasses.replace(rich, mix=rich.mix[-1:])
    assert "mix" not in figures(rest, language="zh-CN")


def test_two_rows_of_one_name_stay_two_bars(rich):
    twice = dataclasses.replace(rich, mix=(rich.mix[0], rich.mix[0]))
    now = figures(twice, language="zh-CN")["mix"]["data"][0]
    assert len(set(now["y"])) == 2


def test_the_repurchase_rate_has_its_own_axis(rich):
    buyers = figures(rich, language="en")["buyers"]
    assert buyers["data"][1]["yaxis"] == "y2"
    assert buyers["layout"]["yaxis2"]["ticktext"][-1].endswith("%")


def test_buyers_without_a_single_rate_have_one_axis(rich):
    months = tuple(dataclasses.replace(month, repurchase_bps=None) for month in rich.months)
    buyers = figures(dataclasses.replace(rich, months=months), language="en")["buyers"]
    assert len(buyers["data"]) == 1
    assert "yaxis2" not in buyers["layout"]


def test_axis_labels_are_in_the_units_of_the_language(rich):
    def labels(language: str) -> list[str]:
        made: list[str] = figures(rich, language=language)["trend"]["layout"]["yaxis"]["ticktext"]
        return made

    assert labels("zh-CN") == ["0", "¥5 万", "¥10 万", "¥15 万"]
    assert labels("en") == ["0", "¥50k", "¥100k", "¥150k"]


@given(st.lists(st.integers(-(10**14), 10**14), max_size=5), st.sampled_from([1, 100]))
def test_ticks_are_round_few_and_hold_every_value(values, smallest):
    marks = ticks(values, smallest=smallest)

    assert marks[0] <= min([0, *values])
    assert marks[-1] >= max([0, *values])
    assert 0 in marks
    assert 2 <= len(marks) <= 6
    steps = {b - a for a, b in pairwise(marks)}
    assert len(steps) == 1
    assert steps.pop() >= smallest
