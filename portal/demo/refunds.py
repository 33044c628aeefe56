"""Decides which demo orders are given back, when, for how much and why.

The shop system exports no refunds; the alliance keeps this list by hand in its after-sales desk.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import Any, NamedTuple

from portal.demo import wordbook
from portal.demo.cast import Release, World
from portal.demo.chance import cumulative, pick, stream
from portal.demo.habits import habits_of
from portal.demo.trade import LAST_SECOND, Order

PARTIAL_SHARE = 0.22
UNCURED_REASON_SHARE = 0.8
LINE_PREFIX = 5  # "LF-HF" of "LF-HF-50": the line of goods that reasons are sorted by
EARLIEST_SECONDS = 600  # nobody gives back before ten minutes are over
# Days until the money is back: most within two days, some into the next month.
LAGS = ((0, 3), (3, 10), (15, 41))
LAG_WEIGHTS = cumulative((62, 30, 8))


class Refund(NamedTuple):
    """Money given back for one order; at most one refund an order.

    `amount_fen` is positive and at most the order's amount; `quantity` is how many pieces it is
    for. `day` is a date's ordinal, `second` counts from local midnight.
    """

    refund_no: str
    order: Order
    quantity: int
    amount_fen: int
    day: int
    second: int
    reason: str


def refunds(world: World, *, orders: Sequence[Order]) -> tuple[Refund, ...]:
    """Return the refunds made up to yesterday, oldest first.

    `orders` are all of the world's orders. Unpaid and defective rows are never given back: an
    import cannot know the latter, and the list should agree with what it took in.
    """
    desk = _Desk(world)
    factors = {ref: one.refund_factor for ref, one in habits_of(world).items()}
    found = []
    for order in orders:
        if order.paid_second is None or order.defect:
            continue
        rate = desk.rate(order) * factors[order.dealer.ref]
        if desk.chance.random() < rate:
            found.append(desk.refund(order, paid_second=order.paid_second))
    done = [one for one in found if one.day < world.today.toordinal()]
    return tuple(sorted(done, key=lambda one: one.refund_no))


class _Desk:
    """The after-sales desk: knows the goods' rates, the cures and the reasons people give."""

    def __init__(self, world: World) -> None:
        self.chance: Random = stream(world.seed, "refunds")
        self._reasons: Mapping[str, Any] = wordbook.read("orders")["refund_reasons"]
        self._cures: dict[str, Release] = {
            product: release for release in world.releases for product in release.cures
        }

    def rate(self, order: Order) -> float:
        """Return how likely the order is given back, before the shop's own factor."""
        cure = self._cures.get(order.product.code)
        if cure is not None and order.day >= cure.released_on.toordinal():
            return cure.cured_bps / 10_000
        return order.product.refund_bps / 10_000

    def refund(self, order: Order, *, paid_second: int) -> Refund:
        """Return one refund of the order."""
        first, after = LAGS[pick(self.chance, LAG_WEIGHTS)]
        lag = self.chance.randrange(first, after)
        quantity, amount_fen = self._amount(order)
        second = self._second(lag=lag, paid_second=paid_second)
        day = order.day + lag
        number = self.chance.randrange(100_000, 1_000_000)
        return Refund(
            refund_no=f"TK{date.fromordinal(day):%y%m%d}{second:05d}{number}",
            order=order,
            quantity=quantity,
            amount_fen=amount_fen,
            day=day,
            second=second,
            reason=self._reason(order),
        )

    def _second(self, *, lag: int, paid_second: int) -> int:
        """Return a second in office hours, or soon after an order of the same day."""
        if lag == 0:
            return min(paid_second + EARLIEST_SECONDS + self.chance.randrange(7_200), LAST_SECOND)
        return self.chance.randrange(9 * 3600, 22 * 3600)

    def _amount(self, order: Order) -> tuple[int, int]:
        """Return pieces and fen: all of it, some of the pieces, or a part as compensation."""
        if self.chance.random() >= PARTIAL_SHARE:
            return order.quantity, order.amount_fen
        if order.quantity > 1:
            pieces = self.chance.randrange(1, order.quantity)
            return pieces, order.amount_fen * pieces // order.quantity
        return 1, order.amount_fen * self.chance.choice((30, 50, 70)) // 100

    def _reason(self, order: Order) -> str:
        product = order.product
        cure = self._cures.get(product.code)
        uncured = cure is not None and order.day < cure.released_on.toordinal()
        if uncured and self.chance.random() < UNCURED_REASON_SHARE:
            reason: str = self._reasons["uncured"][product.category]
            return reason
        peculiar: list[str] = self._reasons.get(product.code[:LINE_PREFIX], [])
        lines: list[str] = self._reasons[product.category] + peculiar
        return self.chance.choice(lines)
