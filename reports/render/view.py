"""A report's figures as final texts: what page and PDF both print, decided once.

Pure: DealerReport in, frozen texts out. Templates do no arithmetic and choose no words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.metrics.dealer import DealerReport, MixRow, MonthFigures
from reports.metrics.definitions import definitions
from reports.metrics.rounding import share_bps
from reports.render import text
from reports.render.headline import Tile, focus_index, sentence, tiles
from reports.render.text import Wording


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of the table; every cell is a final text."""

    iso: str  # YYYY-MM
    month: str
    partial: bool
    cells: tuple[str, ...]  # in the order of COLUMNS


@dataclass(frozen=True, slots=True)
class MixLine:
    """One category or product of the mix table."""

    label: str
    gmv: str
    share: str
    previous_gmv: str
    previous_share: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One definition: name, formula, and the labelled lines below it."""

    name: str
    formula: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything in words that page and PDF show, apart from charts."""

    language: str
    title: str
    dealer_name: str
    period: str
    sentence: str
    figures_of: str
    tiles: tuple[Tile, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    months: tuple[MonthRow, ...]
    mix_title: str
    mix_kind: str
    mix_note: str
    mix: tuple[MixLine, ...]
    definitions: tuple[Explained, ...]
    facts: str
    currency: str


COLUMNS = (
    *("gmv", "refund", "net_gmv", "orders", "average_order", "buyers", "repurchase", "mom", "yoy"),
)
BUYER_COLUMNS = frozenset({"buyers", "repurchase"})
MISSING = "—"


def mix_kind(report: DealerReport, *, words: Wording) -> str:
    """Return what the mix is made of in words: categories or products."""
    return words.text("page.mix_category" if report.mix_by == "category" else "page.mix_product")


def mix_label(row: MixRow, *, words: Wording) -> str:
    """Return the row's own label, or the word for everything else."""
    return text.visible(row.label) or words.text("page.other")


def previous_shares(rows: Sequence[MixRow]) -> tuple[int | None, ...]:
    """Return each row's share of the window before, in bps; None when that window sold nothing."""
    whole = sum(row.previous_gmv_minor for row in rows)
    return tuple(share_bps(row.previous_gmv_minor, whole) for row in rows)


def _cells(month: MonthFigures, *, currency: str, columns: Sequence[str]) -> tuple[str, ...]:
    average = month.average_order_minor
    rate = month.repurchase_bps
    cells = {
        "gmv": text.money(month.gmv_minor, currency=currency),
        "refund": text.money(month.refund_minor, currency=currency),
        "net_gmv": text.money(month.net_gmv_minor, currency=currency),
        "orders": f"{month.orders:,}",
        "average_order": MISSING if average is None else text.money(average, currency=currency),
        "buyers": MISSING if month.active_buyers is None else f"{month.active_buyers:,}",
        "repurchase": MISSING if rate is None else text.percent(rate),
        "mom": MISSING if month.mom_bps is None else text.signed_percent(month.mom_bps),
        "yoy": MISSING if month.yoy_bps is None else text.signed_percent(month.yoy_bps),
    }
    return tuple(cells[column] for column in columns)


def shown_columns(report: DealerReport) -> tuple[str, ...]:
    """Return the month table's columns; those of buyers are left out where none are known."""
    return tuple(name for name in COLUMNS if report.has_buyers or name not in BUYER_COLUMNS)


def month_rows(report: DealerReport, *, words: Wording) -> tuple[MonthRow, ...]:
    """Return one row for every month, the latest first: that is the one a dealer looks for."""
    columns = shown_columns(report)
    return tuple(
        MonthRow(
            iso=f"{month.month:%Y-%m}",
            month=text.month_text(month.month, words=words),
            partial=not month.complete,
            cells=_cells(month, currency=report.currency, columns=columns),
        )
        for month in reversed(report.months)
    )


def mix_lines(report: DealerReport, *, words: Wording) -> tuple[MixLine, ...]:
    """Return the mix table's rows in the report's order, the largest first."""
    return tuple(
        MixLine(
            label=mix_label(row, words=words),
            gmv=text.money(row.gmv_minor, currency=report.currency),
            share=text.percent(row.share_bps),
            previous_gmv=text.money(row.previous_gmv_minor, currency=report.currency),
            previous_share=MISSING if previous is None else text.percent(previous),
        )
        for row, previous in zip(report.mix, previous_shares(report.mix), strict=True)
    )


def explained(*, language: str) -> tuple[Explained, ...]:
    """Return every definition in words, in the order in which reports explain them."""
    words = text.wording(language)
    period, minimum, caveat = (
        words.text(f"page.definition_{name}") for name in ("period", "minimum", "caveat")
    )
    found = []
    for entry in definitions():
        lines = [(period, entry.period.text(language))]
        if entry.minimum is not None:
            lines.append((minimum, entry.minimum.text(language)))
        lines.append((caveat, entry.caveat.text(language)))
        formula = entry.formula.text(language)
        found.append(Explained(entry.name.text(language), formula, tuple(lines)))
    return tuple(found)


def _notes(report: DealerReport, *, words: Wording) -> tuple[str, ...]:
    """Return what a reader must know about the data before trusting the figures."""
    notes = []
    if report.months and not report.months[-1].complete:
        alone = not any(month.complete for month in report.months)
        until = text.day_text(report.facts_until, words=words)
        month = text.month_name(report.months[-1].month, words=words)
        key = "page.partial_only" if alone else "page.partial"
        notes.append(words.text(key, until=until, month=month))
    if report.months and not report.has_refunds:
        notes.append(words.text("page.no_refunds"))
    if report.months and not _has_growth(report):
        notes.append(words.text("page.no_growth"))
    if report.months and not report.mix:
        notes.append(words.text("page.no_mix"))
    return tuple(notes)


def _has_growth(report: DealerReport) -> bool:
    return any(month.mom_bps is not None or month.yoy_bps is not None for month in report.months)


def _period(report: DealerReport, *, until: str, words: Wording) -> str:
    if not report.months:
        return words.text("page.period_none", until=until)
    ends: tuple[date, date] = (report.months[0].month, report.months[-1].month)
    first, last = (text.month_text(month, words=words) for month in ends)
    return first if first == last else words.text("page.period", first=first, last=last)


def report_view(report: DealerReport, *, language: str) -> ReportView:
    """Return the report in words; raises UnknownLanguage."""
    words = text.wording(language)
    until = text.day_text(report.facts_until, words=words)
    name = text.visible(report.dealer_name or report.dealer_ref)
    index = focus_index(report.months)
    spoken_of = (
        text.month_text(report.months[index].month, words=words) if index is not None else ""
    )
    kind = mix_kind(report, words=words)
    return ReportView(
        language=language,
        title=words.text("page.title", name=name),
        dealer_name=name,
        period=_period(report, until=until, words=words),
        sentence=sentence(report, words=words),
        figures_of=words.text("page.figures_of", month=spoken_of),
        tiles=tiles(report, words=words),
        notes=_notes(report, words=words),
        columns=tuple(words.text(f"column.{name}") for name in shown_columns(report)),
        months=month_rows(report, words=words),
        mix_title=words.text("page.mix_table", kind=kind),
        mix_kind=kind,
        mix_note=words.text("page.quarter_note", count=report.mix_months),
        mix=mix_lines(report, words=words),
        definitions=explained(language=language),
        facts=words.text("page.facts", until=until, version=report.facts_version),
        currency=report.currency,
    )
