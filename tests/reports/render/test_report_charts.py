import copy
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from reports.render.chart_layout import Unsupported, label_step, scene
from reports.render.chart_svg import svg
from reports.render.charts import NARROW, PRINT, WIDE, page_chart
from reports.render.figures import figures
from reports.render.font_metrics import fitted, printable, width
from reports.render.scene import Dot, Label, Path, Rect

SVG = "{http://www.w3.org/2000/svg}"
SIZES = [WIDE, NARROW, PRINT]


def parsed(drawn: str | bytes) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314 - our own output


@pytest.mark.parametrize("size", SIZES)
def test_every_chart_is_an_accessible_svg_without_inline_style(any_report, language, size):
    for figure in figures(any_report, language=language).values():
        drawn = svg(scene(figure, width=size[0], height=size[1]))
        root = parsed(drawn)

        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == figure["layout"]["meta"]["title"]
        assert root.find(f"{SVG}desc").text
        allowed = {"svg", "title", "desc", "rect", "polyline", "circle", "text"}
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
        assert not any(
            name == "style" or name.startswith("on")
            for element in root.iter()
            for name in element.attrib
        )


@pytest.mark.parametrize("size", SIZES)
def test_no_mark_leaves_the_drawing(any_report, language, size):
    for name, figure in figures(any_report, language=language).items():
        for mark in scene(figure, width=size[0], height=size[1]).marks:
            left, right = _extent(mark)
            assert left >= -1, (name, mark)
            assert right <= size[0] + 1, (name, mark)


def _extent(mark) -> tuple[float, float]:
    match mark:
        case Rect():
            return mark.x, mark.x + mark.width
        case Path():
            return min(x for x, _ in mark.points), max(x for x, _ in mark.points)
        case Dot():
            return mark.x - mark.radius, mark.x + mark.radius
        case Label():
            wide = width(mark.text, size=mark.size)
            shift = {"start": 0, "middle": wide / 2, "end": wide}[mark.anchor]
            return mark.x - shift, mark.x - shift + wide


@pytest.mark.parametrize("size", SIZES)
def test_month_labels_keep_apart_and_name_the_latest_month(rich, language, size):
    figure = figures(rich, language=language)["trend"]
    drawn = scene(figure, width=size[0], height=size[1])
    months = figure["layout"]["xaxis"]["ticktext"]
    labels = [mark for mark in drawn.marks if isinstance(mark, Label) and mark.text in months]

    assert labels[-1].text == months[-1]
    assert len(labels) >= 4
    ends = [_extent(label) for label in labels]
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def test_wide_room_shows_every_month_and_narrow_room_fewer():
    months = [f"26年{month}月" for month in range(1, 13)]
    assert label_step(months, room=900) == 1
    assert label_step(months, room=300) > 1


def test_bars_are_as_high_as_their_months(rich):
    figure = figures(rich, language="zh-CN")["trend"]
    drawn = scene(figure, width=540, height=300)
    color = figure["data"][0]["marker"]["color"]
    bars = [m for m in drawn.marks if isinstance(m, Rect) and m.fill == color and m.height != 10]
    months = [month.gmv_minor for month in rich.months[:-1]]

    assert len(bars) == len(months)
    unit = bars[0].height / months[0]
    assert [bar.height for bar in bars] == pytest.approx([unit * gmv for gmv in months])


def test_a_negative_month_hangs_below_the_zero_line(weird):
    drawn = scene(figures(weird, language="zh-CN")["growth"], width=540, height=300)
    zero = next(mark for mark in reversed(drawn.marks) if isinstance(mark, Path))
    bars = [mark for mark in drawn.marks if isinstance(mark, Rect) and mark.height != 10]

    assert [bar.y >= zero.points[0][1] - 0.01 for bar in bars] == [True, True, False]


def test_a_line_is_broken_where_a_month_has_no_value(weird):
    drawn = scene(figures(weird, language="zh-CN")["buyers"], width=540, height=300)
    dots = [mark for mark in drawn.marks if isinstance(mark, Dot)]
    assert len(dots) == sum(month.repurchase_bps is not None for month in weird.months) == 2


def test_hostile_names_are_text_in_the_drawing(weird):
    root = parsed(page_chart("mix", figures(weird, language="zh-CN")["mix"]).file)
    texts = [element.text for element in root.iter(f"{SVG}text")]

    assert any(text.startswith("</script>") for text in texts)
    assert any(text.startswith("<b>粗体</b>") for text in texts)


def test_the_page_shows_one_drawing_per_width_under_different_ids(rich):
    chart = page_chart("trend", figures(rich, language="zh-CN")["trend"])
    ids = re.findall(r'id="([^"]+)"', chart.wide + chart.narrow)
    assert len(ids) == len(set(ids)) == 4


def test_an_unknown_kind_of_trace_is_not_half_drawn(rich):
    figure = copy.deepcopy(figures(rich, language="zh-CN")["trend"])
    figure["data"][0]["type"] = "pie"
    with pytest.raises(Unsupported, match="pie"):
        scene(figure, width=540, height=300)


def test_a_long_name_is_cut_to_its_room():
    cut = fitted("深圳市前海跨境虚拟商品与数字权益", size=12, limit=100)
    assert cut.endswith("…")
    assert width(cut, size=12) <= 100
    assert fitted("短", size=12, limit=100) == "短"


def test_what_our_fonts_lack_is_a_box_and_what_is_invisible_is_gone():
    assert printable("堃喆 A🎮\u200d\ufe0f م") == "堃喆 A□ □"
