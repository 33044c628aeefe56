"""Builds who is in the demo alliance: suppliers with their goods, staff, and the sixty shops."""

from datetime import date
from random import Random
from typing import Any

from portal.demo import wordbook
from portal.demo.calendar import days_before
from portal.demo.cast import Category, Clerk, Consultant, Dealer, Person, Product, Supplier
from portal.demo.chance import stream

ALLIANCE = "alliance"
NEWCOMERS = 6
FADING = 4
CLOSED = 2
# Days ago; after the last intake began, so that closing never rules a shop out of the draw.
CLOSED_DAYS = range(60, 110)
LEVELS = {"star": (4, 4, 3), "large": (3, 3, 4, 2), "small": (2, 2, 1, 3), "tiny": (1, 1, 2)}
# Between 10 and 3.3 months ago, so that each has some history and none the whole of it.
NEWCOMER_DAYS = (300, 250, 210, 170, 130, 100)


def suppliers() -> tuple[Supplier, ...]:
    """Return the three suppliers, each with its first member."""
    return tuple(
        Supplier(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            owner=Person(**row["owner"], organisation=row["code"]),
        )
        for row in wordbook.read("parties")["supplier"]
    )


def staff() -> tuple[tuple[Consultant, ...], tuple[Person, ...], Person]:
    """Return the alliance's consultants, operators and course author."""
    words = wordbook.read("parties")
    consultants = tuple(Consultant(**row) for row in words["consultant"])
    operators = tuple(Person(**row, organisation=ALLIANCE) for row in words["operator"])
    return consultants, operators, Person(**words["author"], organisation=ALLIANCE)


def goods() -> tuple[tuple[Category, ...], tuple[Product, ...]]:
    """Return categories and products in the order of the price list."""
    rows = wordbook.read("products")["category"]
    categories = tuple(Category(row["code"], row["name_zh"], row["name_en"]) for row in rows)
    products = tuple(_product(row, entry) for row in rows for entry in row["products"])
    return categories, products


def _product(category: dict[str, Any], entry: dict[str, Any]) -> Product:
    return Product(
        code=entry["code"],
        supplier=category["supplier"],
        category=category["code"],
        name_zh=entry["zh"],
        name_en=entry["en"],
        cost_fen=entry["cost"],
        price_fen=entry["price"],
        weight=entry["weight"],
        refund_bps=entry["refund_bps"],
    )


def dealers(*, seed: int, today: date) -> tuple[Dealer, ...]:
    """Return the sixty shops; sizes and stories are dealt by lot, names are fixed."""
    words = wordbook.read("dealers")
    chance = stream(seed, "dealers")
    places = [(size, float(rate)) for size, rates in words["sizes"].items() for rate in rates]
    chance.shuffle(places)
    stories = _stories(chance, places)
    return tuple(
        _dealer(
            chance, number=number, row=row, place=places[number], story=stories[number], today=today
        )
        for number, row in enumerate(words["shops"])
    )


def clerks(dealers: tuple[Dealer, ...]) -> tuple[Clerk, ...]:
    """Return the clerks of the shops that are busy enough to have one."""
    names = wordbook.read("dealers")["clerks"]
    busy = sorted(
        (each for each in dealers if each.closed_on is None),
        key=lambda each: (-each.monthly_orders, each.ref),
    )
    return tuple(
        Clerk(dealer=shop.ref, name=name, phone=f"1380000{9001 + number:04d}")
        for number, (shop, name) in enumerate(zip(busy, names, strict=False))
    )


def _stories(chance: Random, places: list[tuple[str, float]]) -> dict[int, str]:
    """Deal the stories among middling shops: stars are old and alive, tiny shops live on luck."""
    middling = [number for number, (size, _) in enumerate(places) if size in {"large", "small"}]
    told = ["newcomer"] * NEWCOMERS + ["fading"] * FADING + ["closed"] * CLOSED
    stories = dict.fromkeys(range(len(places)), "steady")
    stories |= dict(zip(chance.sample(middling, len(told)), told, strict=True))
    return stories


def _dealer(
    chance: Random,
    *,
    number: int,
    row: list[str],
    place: tuple[str, float],
    story: str,
    today: date,
) -> Dealer:
    ref, shop_name, owner_name, province, city = row
    size, rate = place
    newcomer_days = NEWCOMER_DAYS[number % NEWCOMERS] + chance.randrange(25)
    member_days = newcomer_days if story == "newcomer" else chance.randrange(640, 1900)
    return Dealer(
        ref=ref,
        shop_name=shop_name,
        owner_name=owner_name,
        phone=f"1380000{1017 + 97 * number:04d}",
        mail=f"{ref}@example.com" if chance.random() < 0.45 else None,
        province=province,
        city=city,
        level=1 if story == "newcomer" else chance.choice(LEVELS[size]),
        joined_on=days_before(today, member_days),
        closed_on=days_before(today, chance.choice(CLOSED_DAYS)) if story == "closed" else None,
        share_name=chance.random() < 0.4,
        size=size,
        story=story,
        monthly_orders=rate,
    )
