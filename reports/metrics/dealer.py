"""One dealer's growth report as plain values: what metrics compute and render shows."""

from dataclasses import dataclass
from datetime import date

from reports.metrics.rounding import half_even


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """One calendar month of one dealer; a month without orders is a month of zeros.

    Money is in minor units of the report's currency. GMV is the sum of paid lines including
    those refunded later; refunds count in the month in which the refund happened, so net GMV
    may be negative. Rates are basis points, None where they have no value.
    """

    month: date  # its first day
    gmv_minor: int
    refund_minor: int  # >= 0
    net_gmv_minor: int
    orders: int  # distinct orders with a sale line
    units: int
    active_buyers: int | None  # None: the source names no buyers
    repeat_buyers: int | None  # of them, bought in the 90 days before their first order this month
    repurchase_bps: int | None  # None: no buyers known, or fewer than the minimum sample
    mom_bps: int | None  # growth over the month before; None from zero or before the first month
    yoy_bps: int | None  # growth over the same month a year before
    complete: bool  # False for the last month when facts end before its last day

    @property
    def average_order_minor(self) -> int | None:
        """GMV per order in minor units, half-even; None for a month without orders."""
        return half_even(self.gmv_minor, self.orders) if self.orders else None


@dataclass(frozen=True, slots=True)
class MixRow:
    """A category's (or, without categories, a product's) part of the last months' GMV."""

    label: str  # "" stands for everything else
    gmv_minor: int
    share_bps: int
    previous_gmv_minor: int  # the same number of months before


@dataclass(frozen=True, slots=True)
class DealerReport:
    """Everything that page and PDF of one dealer show; equal values give equal bytes."""

    dealer_ref: str
    dealer_name: str
    currency: str  # ISO 4217
    # Calendar order, no gaps, from the first sale or refund on; at most 25.
    months: tuple[MonthFigures, ...]
    mix: tuple[MixRow, ...]
    mix_by: str  # "category" | "product"
    mix_months: int  # length of the window that `mix` covers, in months
    has_buyers: bool
    has_refunds: bool  # False: the source reports no refunds, and the report says so
    first_sold_on: date | None
    facts_until: date  # last day that the facts cover
    facts_version: str
