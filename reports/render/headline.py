"""The month a report speaks of: one sentence and the key figures, each compared or excused.

Pure. A comparison that has no value is never left blank: its note gives the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.metrics.dealer import DealerReport, MonthFigures
from reports.metrics.definitions import MIN_BUYERS, REPEAT_DAYS
from reports.metrics.rounding import growth_bps, share_bps
from reports.render import text
from reports.render.text import Wording


@dataclass(frozen=True, slots=True)
class Tile:
    """One key figure: its value, and one line that compares it or says why it cannot be."""

    key: str
    label: str
    value: str
    note: str
    tone: str  # "up" | "down" | "flat"; "flat" also where more is neither good nor bad


def focus_index(months: Sequence[MonthFigures]) -> int | None:
    """Return which month the report speaks of: the last complete one, else the last; None if none.

    A month that is not over is only spoken of when there is nothing else: its sum looks like a
    slump until its last day.
    """
    complete = [index for index, month in enumerate(months) if month.complete]
    if complete:
        return complete[-1]
    return len(months) - 1 if months else None


def mom_reason(months: Sequence[MonthFigures], index: int) -> str:
    """Return the key of the reason why month `index` has no growth over the month before."""
    if not months[index].complete:
        return "reason.incomplete"
    return "reason.no_month_before" if index == 0 else "reason.zero_month_before"


def yoy_reason(months: Sequence[MonthFigures], index: int) -> str:
    """Return the key of the reason why month `index` has no growth over the year before."""
    if not months[index].complete:
        return "reason.incomplete"
    return "reason.no_year_before" if index < 12 else "reason.zero_year_before"


def sentence(report: DealerReport, *, words: Wording) -> str:
    """Return the one sentence that says how the shop did in the month the report speaks of."""
    index = focus_index(report.months)
    if index is None:
        return words.text("summary.none", until=text.day_text(report.facts_until, words=words))
    month = report.months[index]
    values: dict[str, str] = {
        "month": text.month_name(month.month, words=words),
        "gmv": text.money(month.gmv_minor, currency=report.currency),
        "until": text.day_text(report.facts_until, words=words),
        "mom_reason": words.text(mom_reason(report.months, index)),
        "yoy_reason": words.text(yoy_reason(report.months, index)),
    }
    if month.mom_bps is not None:
        values["mom"] = text.growth(month.mom_bps, over="month", words=words)
    if month.yoy_bps is not None:
        values["yoy"] = text.growth(month.yoy_bps, over="year", words=words)
    return words.text(_summary_key(month), **values)


def _summary_key(month: MonthFigures) -> str:
    if not month.complete:
        return "summary.incomplete"
    if month.mom_bps is None:
        return "summary.plain" if month.yoy_bps is None else "summary.year_only"
    return "summary.month_only" if month.yoy_bps is None else "summary.full"


class _TileMaker:
    """Tiles of the month the report speaks of, each against the month before."""

    def __init__(self, report: DealerReport, index: int, words: Wording) -> None:
        self.report = report
        self.words = words
        self.now = report.months[index]
        self.before = report.months[index - 1] if index and self.now.complete else None
        self.no_before = mom_reason(report.months, index)

    def money(self, amount_minor: int) -> str:
        return text.money(amount_minor, currency=self.report.currency)

    def missing(self, reason: str) -> str:
        known = self.words.text(reason, minimum=MIN_BUYERS, days=REPEAT_DAYS)
        return self.words.text("unit.missing_because", reason=known)

    def compared(self, now: int | None, before: int | None, reason: str) -> tuple[str, str]:
        """Return note and tone of `now` against `before`; `reason` says why `before` has no use."""
        if self.before is None:
            return self.missing(self.no_before), "flat"
        if now is None or before is None or before <= 0:
            return self.missing(reason), "flat"
        bps = growth_bps(now=now, before=before)
        if bps is None:
            return self.missing(reason), "flat"
        return text.growth(bps, over="month", words=self.words), text.direction(bps)

    def tile(self, key: str, value: str, noted: tuple[str, str]) -> Tile:
        return Tile(key, self.words.text(f"tile.{key}"), value, noted[0], noted[1])

    def gmv(self) -> Tile:
        before = self.before.gmv_minor if self.before else None
        noted = self.compared(self.now.gmv_minor, before, "reason.zero_month_before")
        return self.tile("gmv", self.money(self.now.gmv_minor), noted)

    def net_gmv(self) -> Tile:
        before = self.before.net_gmv_minor if self.before else None
        noted = self.compared(self.now.net_gmv_minor, before, "reason.below_zero_before")
        return self.tile("net_gmv", self.money(self.now.net_gmv_minor), noted)

    def refund(self) -> Tile:
        if not self.report.has_refunds:
            note = self.words.text("tile.refund_unknown")
            return self.tile("refund", self.words.text("tile.none"), (note, "flat"))
        share = share_bps(self.now.refund_minor, self.now.gmv_minor)
        if share is None:
            note = self.missing("reason.no_orders")
        else:
            note = self.words.text("tile.refund_share", percent=text.percent(share))
        return self.tile("refund", self.money(self.now.refund_minor), (note, "flat"))

    def orders(self) -> Tile:
        before = self.before.orders if self.before else None
        noted = self.compared(self.now.orders, before, "reason.zero_before")
        return self.tile("orders", f"{self.now.orders:,}", noted)

    def average_order(self) -> Tile:
        now = self.now.average_order_minor
        if now is None:
            note = self.missing("reason.no_orders")
            return self.tile("average_order", self.words.text("tile.none"), (note, "flat"))
        before = self.before.average_order_minor if self.before else None
        noted = self.compared(now, before, "reason.no_orders_before")
        return self.tile("average_order", self.money(now), noted)

    def buyers(self) -> Tile:
        if self.now.active_buyers is None:
            note = self.missing("reason.no_buyers_known")
            return self.tile("buyers", self.words.text("tile.none"), (note, "flat"))
        before = self.before.active_buyers if self.before else None
        noted = self.compared(self.now.active_buyers, before, "reason.zero_before")
        return self.tile("buyers", f"{self.now.active_buyers:,}", noted)

    def repurchase(self) -> Tile:
        rate = self.now.repurchase_bps
        if rate is None:
            known = self.now.active_buyers is not None
            note = self.missing("reason.few_buyers" if known else "reason.no_buyers_known")
            return self.tile("repurchase", self.words.text("tile.none"), (note, "flat"))
        return self.tile("repurchase", text.percent(rate), self._rate_compared(rate))

    def _rate_compared(self, rate: int) -> tuple[str, str]:
        if self.before is None:
            return self.missing(self.no_before), "flat"
        if self.before.repurchase_bps is None:
            return self.missing("reason.no_rate_before"), "flat"
        change = rate - self.before.repurchase_bps
        return text.points(change, words=self.words), text.direction(change)


def tiles(report: DealerReport, *, words: Wording) -> tuple[Tile, ...]:
    """Return the key figures of the month the report speaks of; none before the first sale."""
    index = focus_index(report.months)
    if index is None:
        return ()
    maker = _TileMaker(report, index, words)
    return (
        maker.gmv(),
        maker.net_gmv(),
        maker.refund(),
        maker.orders(),
        maker.average_order(),
        maker.buyers(),
        maker.repurchase(),
    )
