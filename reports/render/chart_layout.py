"""Plotly figure dict -> Scene: our own small chart writer.

It understands exactly what `figures.py` makes: bars (upright, lying, grouped, overlaid), lines
with markers, a second value axis, tick texts, a legend on top and text annotations. Anything
else raises Unsupported, so that a new kind of chart cannot come out silently half drawn.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.render import font_metrics
from reports.render.scene import Dot, Label, Mark, Path, Rect, Scene

INK = "#59636e"
AXIS = "#b8c1cb"
SIZE = 12.0
LEGEND_LINE = 20.0
SWATCH = 10.0
MONTH_GAP = 10.0  # px kept free between two month labels
Figure = dict[str, Any]


class Unsupported(ValueError):
    """The figure uses something that the writer cannot draw."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear mapping from an axis' range to px."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the px of `value`; values beyond the range end at its edge."""
        # No axis of ours runs backwards, so low is the lower end.
        inside = self.low if value < self.low else min(value, self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area and its axes; `bands` maps categories, `values` numbers."""

    left: float
    top: float
    right: float
    bottom: float
    lying: bool
    bands: Scale
    values: Scale
    second: Scale | None


def scene(figure: Figure, *, width: int, height: int) -> Scene:
    """Draw the figure at the given size in px; raises Unsupported."""
    layout = figure["layout"]
    legend, legend_height = _legend(figure["data"], width=width)
    frame = _frame(figure, width=width, height=height, legend_height=legend_height)
    marks: list[Mark] = [*_value_grid(layout, frame), *legend, *_category_labels(layout, frame)]
    if frame.second is not None:
        marks += _second_labels(layout["yaxis2"], frame, frame.second)
    for index, trace in enumerate(figure["data"]):
        marks += _trace(trace, frame, _slot(figure, index))
    marks += [_baseline(frame), *_annotations(layout, frame)]
    meta = layout["meta"]
    return Scene(width, height, meta["title"], meta["alt"], tuple(marks))


def _plain(text: str) -> str:
    """Undo the escaping that keeps Plotly from reading a name as HTML."""
    return html.unescape(text)


def _legend(data: Sequence[Figure], *, width: int) -> tuple[list[Mark], float]:
    """Return the legend's marks, wrapped to the width, and the height they take."""
    marks: list[Mark] = []
    x, line = 0.0, 0
    for trace in data:
        name = _plain(trace["name"])
        advance = SWATCH + 6 + font_metrics.width(name, size=SIZE) + 16
        if x and x + advance > width:
            x, line = 0.0, line + 1
        y = line * LEGEND_LINE
        marks += [_swatch(trace, x, y), Label(x + SWATCH + 6, y + 13, name, SIZE, INK)]
        x += advance
    return marks, (line + 1) * LEGEND_LINE + 6


def _swatch(trace: Figure, x: float, y: float) -> Mark:
    color = trace["marker"]["color"]
    if trace["type"] == "scatter":
        return Path(((x, y + 9), (x + SWATCH, y + 9)), color, 2.5)
    return Rect(x, y + 4, SWATCH, SWATCH, color)


def _frame(figure: Figure, *, width: int, height: int, legend_height: float) -> Frame:
    layout = figure["layout"]
    margin = layout["margin"]
    lying = layout["yaxis"].get("type") == "category"
    left, right = float(margin["l"]), float(width - margin["r"])
    top, bottom = legend_height + 8, float(height - margin["b"])
    category, value = ("yaxis", "xaxis") if lying else ("xaxis", "yaxis")
    along = (top, bottom) if lying else (left, right)
    across = (left, right) if lying else (bottom, top)
    count = len(layout[category]["categoryarray"])
    second = layout.get("yaxis2")
    return Frame(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        lying=lying,
        bands=_scale((-0.5, count - 0.5), along),
        values=_scale(layout[value]["range"], across),
        second=_scale(second["range"], across) if second else None,
    )


def _scale(ends: Sequence[float], px: Sequence[float]) -> Scale:
    return Scale(low=ends[0], high=ends[1], start=px[0], end=px[1])


def _value_grid(layout: Figure, frame: Frame) -> list[Mark]:
    axis = layout["xaxis" if frame.lying else "yaxis"]
    marks: list[Mark] = []
    for value, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        at = frame.values.at(value)
        if frame.lying:
            marks.append(Path(((at, frame.top), (at, frame.bottom)), axis["gridcolor"], 1))
            marks.append(Label(at, frame.bottom + 18, text, SIZE, INK, "middle"))
        else:
            marks.append(Path(((frame.left, at), (frame.right, at)), axis["gridcolor"], 1))
            marks.append(Label(frame.left - 8, at + 4, text, SIZE, INK, "end"))
    return marks


def _second_labels(axis: Figure, frame: Frame, scale: Scale) -> list[Mark]:
    return [
        Label(frame.right + 8, scale.at(value) + 4, text, SIZE, INK)
        for value, text in zip(axis["tickvals"], axis["ticktext"], strict=True)
    ]


def _category_labels(layout: Figure, frame: Frame) -> list[Mark]:
    if frame.lying:
        texts = layout["yaxis"]["ticktext"]
        size = _row_size(frame, len(texts))
        return [
            Label(frame.left - 8, frame.bands.at(index) + size / 3, _plain(text), size, INK, "end")
            for index, text in enumerate(texts)
        ]
    texts = layout["xaxis"]["ticktext"]
    step = label_step(texts, room=frame.right - frame.left)
    last = len(texts) - 1
    # Counted from the end: the latest month is the one that must be named.
    return [
        Label(_held(frame, index, text), frame.bottom + 18, text, SIZE, INK, "middle")
        for index, text in enumerate(texts)
        if (last - index) % step == 0
    ]


def _row_size(frame: Frame, rows: int) -> float:
    """Return the size of names beside lying bars: smaller where the rows stand close."""
    return min(SIZE, (frame.bottom - frame.top) / rows * 0.9)


def _held(frame: Frame, index: int, text: str) -> float:
    """Return the centre of a month label, moved inwards where it would leave the plot."""
    half = font_metrics.width(text, size=SIZE) / 2
    return min(max(frame.bands.at(index), half), frame.right + 12 - half)


def label_step(texts: Sequence[str], *, room: float) -> int:
    """Return of how many labels one is written so that they stay apart, by measured width."""
    widest = max(font_metrics.width(text, size=SIZE) for text in texts) + MONTH_GAP
    return max(1, -int(-widest * len(texts) // room))


def _slot(figure: Figure, index: int) -> tuple[float, float]:
    """Return offset and width of a bar inside its band of width 1, as shares of the band."""
    layout = figure["layout"]
    gap = layout["bargap"]
    bars = [i for i, trace in enumerate(figure["data"]) if trace["type"] == "bar"]
    if layout["barmode"] == "overlay" or index not in bars:
        return gap / 2 - 0.5, 1 - gap
    width = (1 - gap) / len(bars)
    return gap / 2 - 0.5 + bars.index(index) * width, width


def _trace(trace: Figure, frame: Frame, slot: tuple[float, float]) -> list[Mark]:
    if trace["type"] == "bar" and trace.get("orientation", "v") == "h":
        return _lying_bars(trace, frame, slot)
    if trace["type"] == "bar":
        return _upright_bars(trace, frame, slot)
    if trace["type"] == "scatter" and trace["mode"] == "lines+markers":
        return _dotted_line(trace, frame)
    raise Unsupported(f"trace {trace['type']!r}")


def _band(frame: Frame, index: int, slot: tuple[float, float]) -> tuple[float, float]:
    start = frame.bands.at(index + slot[0])
    return start, frame.bands.at(index + slot[0] + slot[1]) - start


def _upright_bars(trace: Figure, frame: Frame, slot: tuple[float, float]) -> list[Mark]:
    marks: list[Mark] = []
    zero = frame.values.at(0)
    for index, value in enumerate(trace["y"]):
        if not value:
            continue
        x, width = _band(frame, index, slot)
        at = frame.values.at(value)
        marks.append(Rect(x, min(at, zero), width, abs(zero - at), trace["marker"]["color"]))
    return marks


def _lying_bars(trace: Figure, frame: Frame, slot: tuple[float, float]) -> list[Mark]:
    marks: list[Mark] = []
    zero = frame.values.at(0)
    for index, value in enumerate(trace["x"]):
        if not value:
            continue
        y, height = _band(frame, index, slot)
        at = frame.values.at(value)
        marks.append(Rect(min(at, zero), y, abs(at - zero), height, trace["marker"]["color"]))
    return marks


def _dotted_line(trace: Figure, frame: Frame) -> list[Mark]:
    scale = frame.second if trace.get("yaxis") == "y2" else frame.values
    if scale is None:
        raise Unsupported("a line on a second axis that the layout does not have")
    color = trace["line"]["color"]
    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(trace["y"]):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((frame.bands.at(index), scale.at(value)))
    marks: list[Mark] = [
        Path(tuple(run), color, trace["line"]["width"]) for run in runs if len(run) > 1
    ]
    radius = trace["marker"]["size"] / 2 if len(trace["y"]) < 16 else 2
    return marks + [Dot(x, y, radius, color) for run in runs for x, y in run]


def _baseline(frame: Frame) -> Mark:
    zero = frame.values.at(0)
    if frame.lying:
        return Path(((zero, frame.top), (zero, frame.bottom)), AXIS, 1)
    return Path(((frame.left, zero), (frame.right, zero)), AXIS, 1)


def _annotations(layout: Figure, frame: Frame) -> list[Mark]:
    return [_annotation(entry, layout, frame) for entry in layout.get("annotations", ())]


def _annotation(entry: Figure, layout: Figure, frame: Frame) -> Mark:
    text, size, color = entry["text"], entry["font"]["size"], entry["font"]["color"]
    if frame.lying:
        y = frame.bands.at(layout["yaxis"]["categoryarray"].index(entry["y"]))
        x = frame.values.at(entry["x"]) + entry["xshift"]
        return Label(x, y + size * 0.36, text, size, color)
    x = frame.bands.at(layout["xaxis"]["categoryarray"].index(entry["x"]))
    return Label(x, frame.values.at(entry["y"]) - 2, text, size, color, "middle")
