"""The figures of a shop's own orders that can show a lesson's action as done.

For the linter, which checks what authors write, and for the portal, which reads the orders.
All are counted over the days from taking the action on to its due day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from courses.course import Texts

ORDERS_NEEDED = 10
"""Below so many orders an average or a rate of the window says nothing."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What a check may ask of one figure: the bound it takes, and the targets that make sense.

    A target outside `low`..`high` is a mistake of the author, one above `plenty` (below it
    where the bound is at_most) is more than a small shop can do. `needs_orders` is how many
    orders the window must hold before the figure counts, 0 for a plain count.
    """

    name: Texts
    bound: Literal["at_least", "at_most"]
    low: int
    high: int
    plenty: int
    needs_orders: int = 0


MEASURES: Mapping[str, Measure] = {
    "orders": Measure(
        name={"zh-CN": "订单数", "en": "orders"},
        bound="at_least",
        low=1,
        high=100_000,
        plenty=500,
    ),
    "buyers": Measure(
        name={"zh-CN": "买家数", "en": "buyers"},
        bound="at_least",
        low=1,
        high=100_000,
        plenty=300,
    ),
    "returning_buyers": Measure(
        name={"zh-CN": "90 天内买过的买家数", "en": "buyers who bought in the 90 days before"},
        bound="at_least",
        low=1,
        high=100_000,
        plenty=200,
    ),
    "new_products": Measure(
        name={"zh-CN": "新卖出的商品数", "en": "products not sold in the 90 days before"},
        bound="at_least",
        low=1,
        high=10_000,
        plenty=30,
    ),
    "categories": Measure(
        name={"zh-CN": "卖出的品类数", "en": "categories sold"},
        bound="at_least",
        low=1,
        high=1_000,
        plenty=12,
    ),
    # In fen: 100,000 is ¥1,000, far above what a top-up costs.
    "average_order": Measure(
        name={"zh-CN": "客单价（分）", "en": "average order, in minor units"},
        bound="at_least",
        low=1,
        high=10_000_000,
        plenty=100_000,
        needs_orders=ORDERS_NEEDED,
    ),
    # In basis points; nobody gets below 0.1 %.
    "refund_rate": Measure(
        name={"zh-CN": "退款率（万分之几）", "en": "refund rate, in basis points"},
        bound="at_most",
        low=0,
        high=10_000,
        plenty=10,
        needs_orders=ORDERS_NEEDED,
    ),
}
