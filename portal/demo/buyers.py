"""The people who buy in one demo shop: strangers at first, some of whom come back.

None of them can be a real person: phone numbers begin with 100, QQ numbers with 0, mail ends
in example.com, .net or .org, and addresses come from the ranges set aside for documentation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from portal.demo.cast import Product

RETURN_AFTER_DAYS = 3
RETURN_WITHIN_DAYS = 80
MEMBER_SHARE = 0.18  # of buyers have an account in the shop and so fill the column 客户
DEVICES = ("安卓", "安卓", "安卓", "安卓", "IOS", "IOS", "IOS", "PC", "PC", "iPad")
MAIL_HOSTS = ("example.com", "example.net", "example.org")
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")  # RFC 5737


@dataclass(slots=True)
class Buyer:
    """A buyer; `product` is what was bought last, None at the first visit."""

    contact: str
    account: str
    device: str
    address: str
    product: Product | None = None


class Clientele:
    """All buyers of one shop, with a memory of who came when."""

    def __init__(self, *, chance: Random, names: Sequence[str], return_share: float) -> None:
        """Start with nobody; `return_share` is the share of orders from earlier buyers."""
        self._chance = chance
        self._names = names
        self._return_share = return_share
        self._days: list[int] = []
        self._visits: list[Buyer] = []
        self._first = 0  # first visit still remembered
        self._end = 0  # one past the last visit that is old enough to come back from

    def visit(self, day: int) -> Buyer:
        """Return who buys on `day`, a known face or a new one.

        `day` is a date's ordinal; days must come in order.
        """
        self._forget(day)
        if self._end > self._first and self._chance.random() < self._return_share:
            number = self._first + int(self._chance.random() * (self._end - self._first))
            buyer = self._visits[number]
        else:
            buyer = self._stranger()
        self._days.append(day)
        self._visits.append(buyer)
        return buyer

    def _forget(self, day: int) -> None:
        while self._first < len(self._days) and self._days[self._first] < day - RETURN_WITHIN_DAYS:
            self._first += 1
        while self._end < len(self._days) and self._days[self._end] <= day - RETURN_AFTER_DAYS:
            self._end += 1

    def _stranger(self) -> Buyer:
        chance = self._chance
        name = chance.choice(self._names)
        account = f"{name}{chance.randrange(100_000):05d}" if chance.random() < MEMBER_SHARE else ""
        return Buyer(
            contact=self._contact(name),
            account=account,
            device=chance.choice(DEVICES),
            address=f"{chance.choice(NETWORKS)}.{chance.randrange(1, 255)}",
        )

    def _contact(self, name: str) -> str:
        chance = self._chance
        kind = chance.random()
        if kind < 0.45:
            return f"0{chance.randrange(10**8, 10**9)}"
        if kind < 0.85:
            return f"100{chance.randrange(10**8):08d}"
        return f"{name}{chance.randrange(10**6):06d}@{chance.choice(MAIL_HOSTS)}"
