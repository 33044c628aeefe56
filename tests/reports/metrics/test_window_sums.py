"""The figures of a few days: what counts, what is not known, and a second way to the same sums."""

import csv
import gzip
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from random import Random

import pytest

from reports.facts import store
from reports.facts.ingest import check
from reports.metrics.window import Window, WindowSums, measure

NOT_GOODS = {"POST", "C2", "M", "D", "ADJUST", "BANK CHARGES"}
PENNY = Decimal("0.01")


def window(first="2026-11-10", last="2026-11-17", dealer="d1"):
    return Window(dealer, date.fromisoformat(first), date.fromisoformat(last))


def test_both_ends_of_the_window_count_and_nothing_beyond_them(facts_of, line):
    facts = facts_of(
        line("2026-11-09", 100, order="o1"),
        line("2026-11-10", 200, order="o2"),
        line("2026-11-17", 400, order="o3"),
        line("2026-11-18", 800, order="o4"),
        until="2026-11-30",
    )

    (sums,) = measure(facts, [window()])

    assert (sums.orders, sums.gmv_minor) == (2, 600)


def test_an_order_of_two_lines_counts_once_and_a_number_of_two_systems_twice(facts_of, line):
    facts = facts_of(
        line("2026-11-11", 100, order="o1"),
        line("2026-11-11", 100, order="o1", product="p2"),
        line("2026-11-11", 100, order="o1", source="other"),
        until="2026-11-30",
    )

    (sums,) = measure(facts, [window()])

    assert sums.orders == 2


def test_who_bought_and_what_sold_in_the_90_days_before_is_told_apart(facts_of, line):
    facts = facts_of(
        line("2026-08-12", 100, order="o0", buyer="z", product="old"),  # day 90 before
        line("2026-08-11", 100, order="o1", buyer="long ago", product="long ago"),
        line("2026-11-10", 100, order="o2", buyer="z", product="old"),
        line("2026-11-12", 100, order="o3", buyer="long ago", product="long ago"),
        line("2026-11-14", 100, order="o4", buyer="new", product="new"),
        until="2026-11-30",
    )

    (sums,) = measure(facts, [window()])

    assert (sums.buyers, sums.returning_buyers, sums.new_products) == (3, 1, 2)


def test_refunds_and_what_is_no_goods_are_no_orders(facts_of, line):
    facts = facts_of(
        line("2026-11-11", 1000, order="o1", category="点卡"),
        line("2026-11-12", -300, order="o1", kind="refund"),
        line("2026-11-12", 50, order="o2", kind="not_goods", category="邮费"),
        until="2026-11-30",
    )

    (sums,) = measure(facts, [window()])

    assert sums.orders == sums.categories == 1
    assert (sums.gmv_minor, sums.refund_minor) == (1000, 300)


def test_what_the_source_does_not_tell_is_not_zero(facts_of, line):
    facts = facts_of(line("2026-11-11", 1000), until="2026-11-30")

    assert measure(facts, [window(), window(dealer="nobody")]) == (
        WindowSums(
            orders=1,
            gmv_minor=1000,
            refund_minor=None,
            buyers=None,
            returning_buyers=None,
            new_products=None,
            categories=None,
            currency="CNY",
        ),
        None,
    )


def test_windows_come_back_in_their_order_each_with_its_own_sums(facts_of, line):
    facts = facts_of(
        line("2026-11-11", 100, order="o1"),
        line("2026-11-11", 700, order="o1", dealer="d2"),
        line("2026-11-20", 300, order="o2"),
        until="2026-11-30",
    )
    asked = [window(dealer="d2"), window("2026-11-20", "2026-11-20"), window(), window()]

    assert [each.gmv_minor for each in measure(facts, asked)] == [700, 300, 100, 100]
    assert measure(facts, []) == ()


def test_what_a_shop_sells_that_opened_after_its_source_began_is_new(facts_of, line):
    opened = line("2026-11-11", 100, dealer="d1")
    known = line("2026-08-12", 100, dealer="d2")
    later = line("2026-08-13", 100, dealer="d2")

    assert measure(facts_of(opened, known, until="2026-11-30"), [window()])[0].new_products == 1
    assert measure(facts_of(opened, later, until="2026-11-30"), [window()])[0].new_products is None


def counted(rows, asked, begins_on):
    """The sums of one window from plain rows: (day, order, sku, buyer, pence)."""
    before = asked.first_on - timedelta(days=90)
    sales = [row for row in rows if not row[1].startswith("C")]
    inside = [row for row in sales if asked.first_on <= row[0] <= asked.last_on]
    earlier = [row for row in sales if before <= row[0] < asked.first_on]
    refunded = [
        row[4]
        for row in rows
        if row[1].startswith("C") and asked.first_on <= row[0] <= asked.last_on
    ]
    buyers = {row[3] for row in inside if row[3]}
    has_history = begins_on <= before
    known = bool(buyers) or not inside
    return (
        len({row[1] for row in inside}),
        sum(row[4] for row in inside),
        -sum(refunded),
        len(buyers) if known else None,
        len(buyers & {row[3] for row in earlier}) if known else None,
        len({row[2] for row in inside} - {row[2] for row in earlier}) if has_history else None,
    )


def figures(sums):
    return (
        sums.orders,
        sums.gmv_minor,
        sums.refund_minor,
        sums.buyers,
        sums.returning_buyers,
        sums.new_products,
    )


def test_half_a_year_of_orders_with_buyers_gives_the_same_sums_line_by_line(facts_of, line):
    chance = Random(7)
    begin = date(2026, 5, 1)
    rows = [
        (
            begin + timedelta(days=chance.randrange(200)),
            f"{'C' if number % 9 == 0 else ''}{number // 2}",
            f"p{chance.randrange(40)}",
            chance.choice(["", *(f"b{each}" for each in range(60))]),
            -chance.randrange(100, 900) if number % 9 == 0 else chance.randrange(100, 9000),
        )
        for number in range(400)
    ]
    lines = [
        line(
            day.isoformat(),
            pence,
            order=order,
            kind="refund" if order.startswith("C") else "sale",
            product=product,
            buyer=buyer or None,
        )
        for day, order, product, buyer, pence in rows
    ]
    asked = [
        Window("d1", on := begin + timedelta(days=chance.randrange(200)), on + timedelta(days=7))
        for _ in range(40)
    ]

    found = measure(facts_of(*lines, until="2026-11-30"), asked)

    assert [figures(each) for each in found] == [
        counted(rows, each, min(row[0] for row in rows)) for each in asked
    ]
    assert any(each.returning_buyers for each in found)


@pytest.mark.real
def test_two_years_of_real_orders_give_the_same_sums_when_counted_line_by_line(tmp_path):
    shared = Path(__file__).resolve().parents[4] / "shared" / "data"
    if not shared.is_dir():
        pytest.skip("../shared/data is not there: the public data sets are not shipped")
    file = shared / "orders" / "uci_online_retail_180_dealers.csv.gz"
    rows = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            price = Decimal(row["unit_price"])
            if row["sku"] in NOT_GOODS or price == 0:
                continue
            pence = int((Decimal(row["qty"]) * price).quantize(PENNY, ROUND_HALF_EVEN) * 100)
            day = date.fromisoformat(row["paid_at"][:10])
            told = (day, row["order_id"], row["sku"], "", pence)  # names no buyers
            rows[row["dealer_id"]].append(told)
    with check(file, mapping=None, buyer_key=b"k" * 32) as checked:
        store.apply(tmp_path, checked)
    first = date(2010, 3, 1)
    asked = [
        Window(dealer, on := first + timedelta(days=37 * number % 600), on + timedelta(days=length))
        for number, dealer in enumerate(sorted(rows))
        for length in (0, 7, 30)
    ]

    found = measure(store.open_current(tmp_path), asked)

    assert [figures(each) for each in found] == [
        counted(rows[each.dealer_ref], each, date(2009, 12, 1)) for each in asked
    ]
    assert sum(each.new_products or 0 for each in found) > 100  # there was something to count
