"""A dealer's report -> plain Plotly figure dicts: the one source of every chart.

The dicts hold JSON values only and are not `plotly.graph_objects`: those cost forty times as
much and are used in tests to validate what stands here. Amounts are in minor units and rates in
basis points, exact; ticks and hover texts carry their wording.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reports.metrics.dealer import DealerReport, MonthFigures
from reports.render import font_metrics, text
from reports.render.ticks import ticks
from reports.render.view import mix_kind, mix_label, previous_shares

Figure = dict[str, Any]

INK = "#1f2933"
QUIET = "#59636e"
GRID = "#e6eaef"
AXIS = "#b8c1cb"
BLUE = "#0b5cc2"
PALE_BLUE = "#a9cbf2"
NAVY = "#0a2f66"
GREY = "#b4bdc8"
AMBER = "#c2610b"
FAMILY = '"PingFang SC","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",sans-serif'
FONT_SIZE = 12
LABEL_LIMIT = 118  # px that a category's name may take beside its bars
GROWTH_MONTHS = 12
# Growth from a tiny month can reach thousands of percent and would flatten all other bars.
GROWTH_CEILING_BPS = 30_000

# Ticks that nobody sees keep the labels off the bars.
_AXIS = {
    "fixedrange": True,
    "zeroline": False,
    "ticks": "outside",
    "ticklen": 6,
    "tickcolor": "#ffffff",
}


def figures(report: DealerReport, *, language: str) -> dict[str, Figure]:
    """Return the report's charts in the order in which they are shown.

    `trend`, `growth`, `mix`, `buyers`; one that would have nothing to show is left out:
    all before the first sale, `growth` without any comparison, `buyers` without buyers.
    Raises UnknownLanguage.
    """
    words = text.wording(language)
    made = {
        "trend": _trend(report, words) if report.months else None,
        "growth": _growth(report, words),
        "mix": _mix(report, words),
        "buyers": _buyers(report, words) if report.has_buyers and report.months else None,
    }
    return {name: figure for name, figure in made.items() if figure is not None}


def plain(label: str) -> str:
    """Return a name that Plotly shows letter by letter: its labels are read as HTML otherwise."""
    return html.escape(label, quote=False)


def _layout(*, meta: dict[str, str], xaxis: Figure, yaxis: Figure, left: int) -> Figure:
    return {
        # Ours: the heading, the text for those who do not see the chart, the line below it.
        "meta": {"note": "", **meta},
        "font": {"family": FAMILY, "size": FONT_SIZE, "color": QUIET},
        "margin": {"l": left, "r": 14, "t": 44, "b": 30},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "legend": {"orientation": "h", "x": 0, "y": 1.06, "xanchor": "left", "yanchor": "bottom"},
        "showlegend": True,
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FAMILY, "size": 13}},
        "dragmode": False,
        "bargap": 0.32,
        "xaxis": {**_AXIS, **xaxis},
        "yaxis": {**_AXIS, **yaxis},
    }


def _month_axis(months: Sequence[MonthFigures], words: text.Wording) -> Figure:
    names = [_iso(month.month) for month in months]
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": names,
        "tickmode": "array",
        "tickvals": names,
        "ticktext": [text.axis_month(month.month, words=words) for month in months],
        "tickangle": 0,
        "showgrid": False,
        "range": [-0.5, len(names) - 0.5],
    }


def _value_axis(marks: Sequence[int], labels: Sequence[str]) -> Figure:
    return {
        "tickmode": "array",
        "tickvals": list(marks),
        "ticktext": list(labels),
        "range": [marks[0], marks[-1]],
        "gridcolor": GRID,
        "zeroline": True,
        "zerolinecolor": AXIS,
    }


def _iso(month: date) -> str:
    return f"{month:%Y-%m}"


def _percent_labels(marks: Sequence[int]) -> list[str]:
    return [f"{mark / 100:,.10g}%" for mark in marks]


def _bar(name: str, x: list[Any], y: list[Any], color: str, hover: list[str]) -> Figure:
    return {
        "type": "bar",
        "name": name,
        "x": x,
        "y": y,
        "marker": {"color": color},
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _line(name: str, x: list[Any], y: list[Any], color: str, hover: list[str]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": color, "width": 2},
        "marker": {"color": color, "size": 6},
        "connectgaps": False,
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _hover(month: MonthFigures, name: str, value: str, words: text.Wording) -> str:
    named = text.month_text(month.month, words=words)
    return words.text("chart.hover_money", month=named, name=name, value=value)


def _money_hovers(
    report: DealerReport, name: str, amounts: Sequence[int | None], words: text.Wording
) -> list[str]:
    return [
        ""
        if amount is None
        else _hover(month, name, text.money(amount, currency=report.currency), words)
        for month, amount in zip(report.months, amounts, strict=True)
    ]


def _trend(report: DealerReport, words: text.Wording) -> Figure:
    months = report.months
    names = [_iso(month.month) for month in months]
    amounts = [amount for month in months for amount in (month.gmv_minor, month.net_gmv_minor)]
    marks = ticks(amounts, smallest=10 ** text.minor_digits(report.currency))
    largest = max(abs(marks[0]), abs(marks[-1]))
    labels = [
        text.axis_money(mark, largest_minor=largest, currency=report.currency, words=words)
        for mark in marks
    ]
    data = []
    for key, color, complete in (("gmv", PALE_BLUE, True), ("gmv_partial", "#dbe3ec", False)):
        chosen = [month.gmv_minor if month.complete is complete else None for month in months]
        if any(amount is not None for amount in chosen):
            label = words.text(f"chart.{key}")
            hovers = _money_hovers(report, label, chosen, words)
            data.append(_bar(label, names, chosen, color, hovers))
    # The line stops before a month that is not over: its end would look like a slump.
    net = [month.net_gmv_minor if month.complete else None for month in months]
    if any(amount is not None for amount in net):
        label = words.text("chart.net_gmv")
        hovers = _money_hovers(report, label, net, words)
        data.append(_line(label, names, net, BLUE, hovers))
    peak = max(months, key=lambda month: month.gmv_minor)
    alt = words.text(
        "chart.alt_trend",
        first=text.month_text(months[0].month, words=words),
        last=text.month_text(months[-1].month, words=words),
        peak=text.month_text(peak.month, words=words),
        peak_gmv=text.money(peak.gmv_minor, currency=report.currency),
    )
    layout = _layout(
        meta={"title": words.text("chart.trend"), "alt": alt},
        xaxis=_month_axis(months, words),
        yaxis=_value_axis(marks, labels),
        left=_left_margin(labels),
    )
    return {"data": data, "layout": {**layout, "barmode": "overlay"}}


def _left_margin(labels: Sequence[str]) -> int:
    widest = max(font_metrics.width(label, size=FONT_SIZE) for label in labels)
    return round(widest) + 14


def _growth(report: DealerReport, words: text.Wording) -> Figure | None:
    months = report.months[-GROWTH_MONTHS:]
    series = {
        "mom": [month.mom_bps for month in months],
        "yoy": [month.yoy_bps for month in months],
    }
    known = [bps for values in series.values() for bps in values if bps is not None]
    if not known:
        return None
    names = [_iso(month.month) for month in months]
    marks = ticks((min(bps, GROWTH_CEILING_BPS) for bps in known), smallest=100)
    labels = _percent_labels(marks)
    data = []
    for key, color in (("mom", PALE_BLUE), ("yoy", BLUE)):
        if any(bps is not None for bps in series[key]):
            label = words.text(f"chart.{key}")
            hovers = [
                "" if bps is None else _hover(month, label, text.signed_percent(bps), words)
                for month, bps in zip(months, series[key], strict=True)
            ]
            data.append(_bar(label, names, series[key], color, hovers))
    beyond = [
        name
        for name, *pair in zip(names, *series.values(), strict=True)
        if any(bps is not None and bps > marks[-1] for bps in pair)
    ]
    alt = words.text("chart.alt_growth", count=len(months))
    note = words.text("chart.clipped") if beyond else ""
    layout = _layout(
        meta={"title": words.text("chart.growth"), "alt": alt, "note": note},
        xaxis=_month_axis(months, words),
        yaxis=_value_axis(marks, labels),
        left=_left_margin(labels),
    )
    arrows = [_arrow(name, marks[-1]) for name in beyond]
    return {"data": data, "layout": {**layout, "barmode": "group", "annotations": arrows}}


def _arrow(name: str, top: int) -> Figure:
    """Return the mark over a bar that goes on beyond the scale."""
    return {
        "x": name,
        "y": top,
        "text": "▲",
        "showarrow": False,
        "yanchor": "bottom",
        "font": {"size": 10, "color": AMBER},
    }


@dataclass(frozen=True, slots=True)
class _Shares:
    """One named part of the mix: its share now and before, in basis points."""

    place: str  # its position on the axis, from "0" on top
    label: str
    now: int
    before: int | None


def _named_shares(report: DealerReport, words: text.Wording) -> list[_Shares]:
    # Everything else can be most of a shop with many products: beside it no bar could be read.
    pairs = [
        (row, old)
        for row, old in zip(report.mix, previous_shares(report.mix), strict=True)
        if row.label
    ]
    return [
        _Shares(str(place), mix_label(row, words=words), row.share_bps, old)
        for place, (row, old) in enumerate(pairs)
    ]


def _mix_bars(report: DealerReport, parts: Sequence[_Shares], words: text.Wording) -> list[Figure]:
    bars = []
    for key, color, shares in (
        ("now", BLUE, [part.now for part in parts]),
        ("before", GREY, [part.before for part in parts]),
    ):
        if all(share is None for share in shares):
            continue
        name = words.text(f"chart.{key}", count=report.mix_months)
        hovers = [
            ""
            if share is None
            else words.text(
                "chart.hover_share", label=plain(part.label), name=name, value=text.percent(share)
            )
            for part, share in zip(parts, shares, strict=True)
        ]
        bar = _bar(name, list(shares), [part.place for part in parts], color, hovers)
        bars.append({**bar, "orientation": "h"})
    return bars


def _mix_axis(parts: Sequence[_Shares], labels: Sequence[str]) -> Figure:
    places = [part.place for part in parts]
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": places,
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [plain(label) for label in labels],
        "showgrid": False,
        "range": [len(places) - 0.5, -0.5],
    }


def _mix(report: DealerReport, words: text.Wording) -> Figure | None:
    parts = _named_shares(report, words)
    if not parts:
        return None
    shown = [part.now for part in parts]
    shown += [part.before for part in parts if part.before is not None]
    marks = ticks(shown, smallest=100)
    cut = [font_metrics.fitted(part.label, size=FONT_SIZE, limit=LABEL_LIMIT) for part in parts]
    alt = words.text(
        "chart.alt_mix",
        count=len(parts),
        months=report.mix_months,
        top=parts[0].label,
        share=text.percent(parts[0].now),
    )
    rest = [row.share_bps for row in report.mix if not row.label]
    note = words.text("chart.rest", share=text.percent(rest[0])) if rest else ""
    title = words.text("chart.mix", kind=mix_kind(report, words=words))
    layout = _layout(
        meta={"title": title, "alt": alt, "note": note},
        xaxis=_value_axis(marks, _percent_labels(marks)),
        yaxis=_mix_axis(parts, cut),
        left=_left_margin(cut),
    )
    # One figure per pair of bars, beside the longer one: two would write over each other.
    ends = [
        _end_label(max(part.now, part.before or 0), part.place, text.percent(part.now))
        for part in parts
    ]
    margin = {**layout["margin"], "r": 52}  # room for 100.0% behind the longest bar
    return {
        "data": _mix_bars(report, parts, words),
        "layout": {**layout, "barmode": "group", "annotations": ends, "margin": margin},
    }


def _end_label(share: int, name: str, shown: str) -> Figure:
    return {
        "x": share,
        "y": name,
        "text": shown,
        "showarrow": False,
        "xanchor": "left",
        "xshift": 4,
        "font": {"size": 11, "color": INK},
    }


def _buyers(report: DealerReport, words: text.Wording) -> Figure:
    months = report.months
    names = [_iso(month.month) for month in months]
    counts = [month.active_buyers for month in months]
    rates = [month.repurchase_bps for month in months]
    marks = ticks(count for count in counts if count is not None)
    label = words.text("chart.active_buyers")
    hovers = [
        "" if count is None else _hover(month, label, f"{count:,}", words)
        for month, count in zip(months, counts, strict=True)
    ]
    data = [_bar(label, names, counts, PALE_BLUE, hovers)]
    alt = words.text(
        "chart.alt_buyers",
        first=text.month_text(months[0].month, words=words),
        last=text.month_text(months[-1].month, words=words),
    )
    layout = _layout(
        meta={"title": words.text("chart.buyers"), "alt": alt},
        xaxis=_month_axis(months, words),
        yaxis=_value_axis(marks, [f"{mark:,}" for mark in marks]),
        left=_left_margin([f"{mark:,}" for mark in marks]),
    )
    known = [rate for rate in rates if rate is not None]
    if known:
        label = words.text("chart.repurchase")
        hovers = [
            "" if rate is None else _hover(month, label, text.percent(rate), words)
            for month, rate in zip(months, rates, strict=True)
        ]
        data.append({**_line(label, names, list(rates), AMBER, hovers), "yaxis": "y2"})
        # Headroom, or the line runs along the upper edge.
        right = ticks([max(known) * 11 // 10], smallest=100)
        layout["yaxis2"] = {
            **_AXIS,
            **_value_axis(right, _percent_labels(right)),
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "zeroline": False,
        }
        layout["margin"] = {**layout["margin"], "r": _left_margin(_percent_labels(right))}
    return {"data": data, "layout": {**layout, "barmode": "group"}}
