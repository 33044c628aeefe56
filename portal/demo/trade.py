"""Lets the demo shops trade: every order from the first month up to yesterday, oldest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import NamedTuple

from portal.demo import season, wordbook
from portal.demo.buyers import Buyer, Clientele
from portal.demo.calendar import first_order_day
from portal.demo.cast import Dealer, Product, World
from portal.demo.chance import cumulative, pick, poisson, stream
from portal.demo.habits import Habits, habits_of, orders_a_day

UNPAID_SHARE = 0.06
UNDELIVERED_SHARE = 0.004
COUPON_SHARE = 0.035
PROMOTER_SHARE = 0.03
SAME_AGAIN_SHARE = 0.5  # of returning buyers take what they took last time
DEAR_FEN = 15_000  # from here on nobody buys more than two at once
PAY_METHODS = ("支付宝", "支付宝", "支付宝", "微信支付", "微信支付", "余额")
# About one paid order in a thousand leaves the shop system broken, as in life.
DEFECT_SHARE = 0.0011
DEFECTS = ("no_dealer", "bad_amount", "bad_time")
QUANTITIES = (
    ((1, 2, 3, 5), cumulative((80, 13, 5, 2))),  # game
    ((1, 2, 3), cumulative((93, 6, 1))),  # video
    ((1, 2, 5, 10), cumulative((80, 14, 5, 1))),  # gift
    ((1, 2, 3, 5), cumulative((72, 18, 6, 4))),  # life
)
HOURS = cumulative(season.HOUR_WEIGHTS)
LAST_SECOND = 86_399


class Order(NamedTuple):
    """One order of the shop system.

    `day` is a date's ordinal and `second` counts from local midnight; `paid_second` is None for
    an unpaid order and falls on the same day. `amount_fen` is what was (to be) paid for the whole
    order. `defect` is empty or one of DEFECTS: how the export spoils the row.
    """

    order_no: str
    dealer: Dealer
    product: Product
    quantity: int
    amount_fen: int
    day: int
    second: int
    paid_second: int | None
    delivered: bool
    method: str
    buyer: Buyer
    coupon: str
    promoter: str
    defect: str


@dataclass(frozen=True, slots=True)
class _Market:
    """What all shops share: goods by category, the days with their season, words."""

    products: tuple[tuple[Product, ...], ...]
    days: tuple[tuple[date, int, tuple[float, float, float, float]], ...]
    buyer_names: tuple[str, ...]
    promoters: tuple[str, ...]


def trade(world: World) -> tuple[Order, ...]:
    """Return all orders of all shops in the order of their numbers, which is that of time."""
    market = _market(world)
    habits = habits_of(world)
    orders = [
        order
        for dealer in world.dealers
        for order in _Shop(world.seed, dealer, habits[dealer.ref], market).orders()
    ]
    orders.sort(key=lambda one: (one.order_no, one.dealer.ref))
    return tuple(orders)


def _market(world: World) -> _Market:
    first = first_order_day(world.today)
    days = [date.fromordinal(n) for n in range(first.toordinal(), world.today.toordinal())]
    words = wordbook.read("orders")["buyers"]
    return _Market(
        products=tuple(
            tuple(one for one in world.products if one.category == category.code)
            for category in world.categories
        ),
        days=tuple((day, _month_number(first, day), season.factors(day)) for day in days),
        buyer_names=tuple(words["names"]),
        promoters=tuple(words["promoters"]),
    )


def _month_number(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


class _Shop:
    """One shop while it trades."""

    def __init__(self, seed: int, dealer: Dealer, habits: Habits, market: _Market) -> None:
        self._dealer = dealer
        self._habits = habits
        self._market = market
        self._chance: Random = stream(seed, "orders", dealer.ref)
        self._clients = Clientele(
            chance=self._chance, names=market.buyer_names, return_share=habits.return_share
        )
        self._shelves = tuple(self._shelf(products) for products in market.products)
        self._prices = {
            one.code: max(one.cost_fen, round(one.price_fen * habits.price_factor / 10) * 10)
            for products in market.products
            for one in products
        }
        self._category_of = {
            one.code: number for number, shelf in enumerate(market.products) for one in shelf
        }

    def _shelf(self, products: Sequence[Product]) -> tuple[float, ...]:
        """Return running weights of one category's products: every shop has its favourites."""
        return cumulative(one.weight * self._chance.uniform(0.5, 1.6) for one in products)

    def orders(self) -> Iterator[Order]:
        """Yield the shop's orders day by day."""
        scale = 0.0
        for taste in self._habits.tastes:
            scale += taste
        for day, month, factors in self._market.days:
            rate = orders_a_day(dealer=self._dealer, habits=self._habits, month=month, day=day)
            wanted = cumulative(
                taste / scale * factor
                for taste, factor in zip(self._habits.tastes, factors, strict=True)
            )
            for _ in range(poisson(self._chance, rate * wanted[-1])):
                yield self._order(day, wanted)

    def _order(self, day: date, wanted: tuple[float, ...]) -> Order:
        chance = self._chance
        buyer = self._clients.visit(day.toordinal())
        product = self._product(buyer, wanted)
        quantity = self._quantity(product)
        coupon, discount = self._coupon(self._prices[product.code] * quantity)
        second = pick(chance, HOURS) * 3600 + chance.randrange(3600)
        paid = chance.random() >= UNPAID_SHARE
        return Order(
            order_no=f"{day:%y%m%d}{_clock(second)}{chance.randrange(100_000, 1_000_000)}",
            dealer=self._dealer,
            product=product,
            quantity=quantity,
            amount_fen=self._prices[product.code] * quantity - discount,
            day=day.toordinal(),
            second=second,
            paid_second=min(second + chance.randrange(12, 240), LAST_SECOND) if paid else None,
            delivered=paid and chance.random() >= UNDELIVERED_SHARE,
            method=chance.choice(PAY_METHODS),
            buyer=buyer,
            coupon=coupon,
            promoter=self._promoter(),
            defect=chance.choice(DEFECTS) if paid and chance.random() < DEFECT_SHARE else "",
        )

    def _product(self, buyer: Buyer, wanted: tuple[float, ...]) -> Product:
        """Draw what is bought: often the same again, except for what lasts a year."""
        last = buyer.product
        if (
            last is not None
            and "YEAR" not in last.code
            and self._chance.random() < SAME_AGAIN_SHARE
        ):
            return last
        category = pick(self._chance, wanted)
        product = self._market.products[category][pick(self._chance, self._shelves[category])]
        buyer.product = product
        return product

    def _quantity(self, product: Product) -> int:
        counts, totals = QUANTITIES[self._category_of[product.code]]
        quantity = counts[pick(self._chance, totals)]
        return min(quantity, 2) if product.price_fen >= DEAR_FEN else quantity

    def _coupon(self, amount_fen: int) -> tuple[str, int]:
        """Return a coupon's code and what it takes off in fen; most orders have none."""
        if amount_fen < 2_000 or self._chance.random() >= COUPON_SHARE:
            return "", 0
        return f"{self._chance.getrandbits(32):08X}", self._chance.choice((100, 200, 300))

    def _promoter(self) -> str:
        if self._chance.random() >= PROMOTER_SHARE:
            return ""
        return self._chance.choice(self._market.promoters)


def _clock(second: int) -> str:
    return f"{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}"
