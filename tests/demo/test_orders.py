"""The demo's order files: the same bytes everywhere, in the systems' own shape, like life."""

import csv
import io
import ipaddress
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from portal.demo.orders import ORDER_HEADER, order_export, order_files, refund_list
from portal.demo.trade import trade
from portal.demo.world import build_world

pytestmark = pytest.mark.xdist_group("demo-orders")  # one export of the demo shops for all of them

ROOT = Path(__file__).parents[2]
HASH_PROGRAM = """
import hashlib
from datetime import date
from portal.demo.orders import order_files
from portal.demo.world import build_world
for content in order_files(build_world(seed=7, today=date(2026, 11, 22))):
    print(hashlib.sha256(content).hexdigest())
"""
DOCUMENTATION_NETWORKS = [
    ipaddress.ip_network(name) for name in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
]
MONEY = re.compile(r"\d+\.\d\d")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def rows(files) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[0].decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def refund_rows(files) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[1].decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def clean_paid(rows) -> list[dict[str, str]]:
    return [row for row in rows if row["订单状态"] == "已支付" and not _is_spoiled(row)]


def _is_spoiled(row: dict[str, str]) -> bool:
    if not row["分站"] or not MONEY.fullmatch(row["金额"]):
        return True
    return row["订单状态"] == "已支付" and not _is_time(row["支付时间"])


def _is_time(text: str) -> bool:
    if not TIME.fullmatch(text):
        return False
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _fen(yuan: str) -> int:
    whole, part = yuan.split(".")
    return int(whole) * 100 + int(part)


def _hashes(**environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", HASH_PROGRAM],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def test_the_same_seed_gives_the_same_bytes_under_any_hash_seed_time_zone_and_locale():
    one = _hashes(PYTHONHASHSEED="1", TZ="Asia/Shanghai", LC_ALL="C", PYTHONUTF8="0")
    other = _hashes(PYTHONHASHSEED="4242", TZ="America/St_Johns", LC_ALL="C.UTF-8")

    assert one == other
    assert len(set(one.split())) == 2


def test_another_seed_gives_other_bytes(world, files):
    other = order_files(build_world(seed=world.seed + 1, today=world.today))

    assert other[0] != files[0]
    assert other[1] != files[1]


def test_each_file_alone_equals_its_half_of_both(world, files):
    assert (order_export(world), refund_list(world)) == files


def test_the_export_has_a_bom_the_twenty_columns_and_bare_line_feeds(files):
    header = (
        "订单号,金额,商品名称,数量,支付方式,下单时间,下单IP,下单设备,支付时间,订单状态,"
        "联系方式,发货状态,优惠券,客户,推广人,分站,分站手续费,接口手续费,推广分成,返利\n"
    )

    assert files[0].startswith(b"\xef\xbb\xbf" + header.encode())
    assert len(ORDER_HEADER) == 20
    assert b"\r" not in files[0]
    assert files[0].endswith(b"\n")


def test_the_refund_list_has_a_bom_and_its_eight_columns(files):
    header = "退款单号,订单号,分站,商品名称,数量,退款金额,退款时间,退款原因\n"

    assert files[1].startswith(b"\xef\xbb\xbf" + header.encode())


def test_a_row_is_quoted_exactly_as_php_would(files):
    line = files[0].decode("utf-8-sig").splitlines()[1]

    # PHP quotes for a blank, so product names and times carry quotes and the rest does not.
    assert re.fullmatch(
        r'\d{18},\d+\.\d\d,("[^"]* [^"]*"|[^" ]*),\d+,[^",]+,"[\d-]{10} [\d:]{8}",[\d.]+,[^",]+,'
        r'"[\d-]{10} [\d:]{8}",已支付,[^", ]+,已发货,\w*,\w*,\w*,\w+(,\d+\.\d\d){4}',
        line,
    )


def test_every_row_has_twenty_fields_and_a_number_of_its_own(rows):
    assert all(None not in row and None not in row.values() for row in rows)
    assert all(re.fullmatch(r"\d{18}", row["订单号"]) for row in rows)
    assert len({row["订单号"] for row in rows}) == len(rows)
    assert all(a["订单号"] < b["订单号"] for a, b in pairwise(rows))


def test_the_columns_hold_the_systems_own_words(rows):
    assert {row["订单状态"] for row in rows} == {"已支付", "未支付"}
    assert {row["发货状态"] for row in rows} == {"已发货", "未发货"}
    assert {row["下单设备"] for row in rows} == {"PC", "安卓", "IOS", "iPad"}
    for row in rows:
        assert (row["支付时间"] == "") == (row["订单状态"] == "未支付")


def test_the_files_stay_small_and_the_history_runs_to_yesterday(files, rows):
    days = {row["下单时间"][:10] for row in rows}

    assert len(files[0]) < 8_000_000
    assert 25_000 <= len(rows) <= 45_000
    assert min(days) == "2025-05-01"
    assert max(days) == "2026-11-21"


@pytest.mark.parametrize("today", [date(2026, 3, 1), date(2027, 1, 31), date(2027, 9, 30)])
def test_the_promised_size_holds_on_other_days_and_seeds(today):
    content = order_export(build_world(seed=11, today=today))

    assert 25_000 <= content.count(b"\n") - 1 <= 45_000
    assert len(content) < 8_000_000


def test_nobody_in_the_export_can_be_a_real_person(rows):
    contacts = {row["联系方式"] for row in rows}
    fake = re.compile(r"0\d{9}|100\d{8}|[a-z]+\d{6}@example\.(com|net|org)")

    assert [one for one in contacts if not fake.fullmatch(one)] == []
    for address in {row["下单IP"] for row in rows}:
        assert any(ipaddress.ip_address(address) in net for net in DOCUMENTATION_NETWORKS)


def test_about_one_row_in_a_thousand_is_spoiled_in_each_of_three_ways(rows):
    no_dealer = [row for row in rows if not row["分站"]]
    bad_amount = [row for row in rows if not MONEY.fullmatch(row["金额"])]
    bad_time = [row for row in rows if row["支付时间"] and not _is_time(row["支付时间"])]

    assert min(len(no_dealer), len(bad_amount), len(bad_time)) >= 3
    assert 0.0005 < sum(map(_is_spoiled, rows)) / len(rows) < 0.002


def test_about_six_orders_in_a_hundred_stay_unpaid(rows):
    unpaid = sum(row["订单状态"] == "未支付" for row in rows)

    assert 0.05 < unpaid / len(rows) < 0.07


def test_the_largest_tenth_of_the_shops_makes_over_two_fifths_of_turnover(world, clean_paid):
    turnover: Counter[str] = Counter()
    for row in clean_paid:
        turnover[row["分站"]] += _fen(row["金额"])
    top = turnover.most_common(len(world.dealers) // 10)

    assert 0.40 < sum(value for _, value in top) / turnover.total() < 0.60


def test_the_middle_shop_is_small_and_some_months_are_empty(world, clean_paid):
    months = sorted({row["下单时间"][:7] for row in clean_paid})
    sold = Counter((row["分站"], row["下单时间"][:7]) for row in clean_paid)
    a_month = sorted(
        sum(sold[dealer.ref, month] for month in months) / len(months) for dealer in world.dealers
    )
    # Only months after a shop's first order: not having opened yet is not an empty month.
    empty = {
        dealer.ref: sum(
            sold[dealer.ref, month] == 0
            for month in months
            if any(sold[dealer.ref, earlier] for earlier in months if earlier < month)
        )
        for dealer in world.dealers
    }

    assert 15 <= a_month[len(a_month) // 2] <= 60
    assert sum(count > 0 for count in empty.values()) >= 6
    assert all(empty[one.ref] == 0 for one in world.dealers if one.size == "star")


def test_some_shops_die_and_some_start_late(world, clean_paid):
    days = defaultdict(list)
    for row in clean_paid:
        days[row["分站"]].append(row["下单时间"][:10])
    late = {one.ref for one in world.dealers if min(days[one.ref]) > "2025-12-31"}
    fading = [one.ref for one in world.dealers if one.story in {"fading", "closed"}]
    closed = {one.ref: one.closed_on.isoformat() for one in world.dealers if one.closed_on}
    early, recent = (
        sum(start <= day < end for ref in fading for day in days[ref])
        for start, end in (("2025-05", "2025-08"), ("2026-08", "2026-11"))
    )

    assert late >= {one.ref for one in world.dealers if one.story == "newcomer"}
    assert recent < 0.7 * early
    assert len(closed) == 2
    assert all(max(days[ref]) < day for ref, day in closed.items())


def test_seasons_show_in_the_categories_they_belong_to(world, orders):
    category = {one.code: one.category for one in world.products}
    sold = Counter((category[one.product.code], one.day) for one in orders)

    def a_day(kind: str, first: date, last: date) -> float:
        days = range(first.toordinal(), last.toordinal() + 1)
        return sum(sold[kind, day] for day in days) / len(days)

    # Spring Festival 2026 fell on 17 February.
    gifts = a_day("gift", date(2026, 2, 2), date(2026, 2, 15))
    assert gifts > 1.4 * a_day("gift", date(2026, 3, 2), date(2026, 3, 29))
    games = a_day("game", date(2026, 7, 6), date(2026, 8, 30))
    assert games > 1.15 * a_day("game", date(2026, 9, 7), date(2026, 9, 27))
    videos = a_day("video", date(2026, 11, 1), date(2026, 11, 11))
    assert videos > 1.3 * a_day("video", date(2026, 10, 8), date(2026, 10, 31))
    promotion = a_day("video", date(2026, 6, 10), date(2026, 6, 18))
    assert promotion > 1.3 * a_day("video", date(2026, 5, 18), date(2026, 6, 7))


def test_evenings_and_weekends_are_busier(rows):
    hours = Counter(int(row["下单时间"][11:13]) for row in rows)
    weekdays = Counter(date.fromisoformat(row["下单时间"][:10]).weekday() for row in rows)

    assert hours[21] > 5 * hours[6]
    assert weekdays[5] > 1.1 * weekdays[1]


def test_shops_prefer_different_categories(world, orders):
    mix: dict[str, Counter[str]] = defaultdict(Counter)
    for order in orders:
        mix[order.dealer.ref][order.product.category] += 1
    favourites = {counts.most_common(1)[0][0] for counts in mix.values() if counts.total() > 100}

    assert favourites == {one.code for one in world.categories}


def test_buyers_come_back_at_a_rate_that_differs_by_shop(clean_paid):
    rates = _repurchase_rates(clean_paid)

    assert len(rates) > 35
    assert 0.12 < min(rates) < 0.22
    assert 0.34 < max(rates) < 0.46


def _repurchase_rates(rows: list[dict[str, str]]) -> list[float]:
    """Return the repurchase rate of every shop that has more than 200 buyer-months."""
    bought = defaultdict(list)
    for row in rows:
        buyer = row["客户"] or row["联系方式"]
        bought[row["分站"]].append((date.fromisoformat(row["下单时间"][:10]), buyer))
    rates = []
    for visits in bought.values():
        returned = buyers = 0
        for month in sorted({day.replace(day=1) for day, _ in visits if day >= date(2025, 8, 1)}):
            before = {who for day, who in visits if month - timedelta(days=90) <= day < month}
            now = {who for day, who in visits if day.replace(day=1) == month}
            returned += len(now & before)
            buyers += len(now)
        if buyers > 200:
            rates.append(returned / buyers)
    return rates


def test_the_programme_truly_lifts_the_orders_of_those_who_enrolled(world, orders):
    untouched = trade(replace(world, enrolments=()))
    start = {ref: batch.starts_on.toordinal() for batch in world.batches for ref in batch.dealers}

    def after(some) -> int:
        return sum(one.day >= start.get(one.dealer.ref, world.today.toordinal()) for one in some)

    assert 1.06 < after(orders) / after(untouched) < 1.22


def test_a_refund_names_its_order_and_gives_back_no_more_than_was_paid(refund_rows, clean_paid):
    paid = {row["订单号"]: row for row in clean_paid}

    assert len({row["订单号"] for row in refund_rows}) == len(refund_rows)
    assert len({row["退款单号"] for row in refund_rows}) == len(refund_rows)
    for row in refund_rows:
        order = paid[row["订单号"]]
        assert (row["分站"], row["商品名称"]) == (order["分站"], order["商品名称"])
        assert 0 < _fen(row["退款金额"]) <= _fen(order["金额"])
        assert 1 <= int(row["数量"]) <= int(order["数量"])
        assert order["支付时间"] < row["退款时间"] < "2026-11-22"


def test_some_refunds_are_partial_and_some_fall_into_a_later_month(refund_rows, clean_paid):
    paid = {row["订单号"]: row for row in clean_paid}
    partial = sum(_fen(r["退款金额"]) < _fen(paid[r["订单号"]]["金额"]) for r in refund_rows)
    later = sum(r["退款时间"][:7] > paid[r["订单号"]]["支付时间"][:7] for r in refund_rows)

    assert 0.1 < partial / len(refund_rows) < 0.35
    assert 0.05 < later / len(refund_rows) < 0.35


def test_refunds_differ_by_product_between_one_and_six_in_a_hundred(refund_rows, clean_paid):
    sold = Counter(row["商品名称"] for row in clean_paid)
    returned = Counter(row["商品名称"] for row in refund_rows)
    rates = [returned[name] / count for name, count in sold.items() if count >= 500]

    assert 0.01 < returned.total() / sold.total() < 0.04
    assert min(rates) < 0.015
    assert 0.04 < max(rates) < 0.075


def test_the_year_card_is_the_worst_until_its_release_and_ordinary_after(
    world, refund_rows, clean_paid
):
    release = next(one for one in world.releases if one.code == "R-YEAR-DIRECT")
    name = next(one.name_zh for one in world.products if one.code == "VD-CW-YEAR")
    numbers = {row["订单号"] for row in refund_rows}
    cut = release.released_on.isoformat()

    def rate(rows: list[dict[str, str]]) -> float:
        return sum(row["订单号"] in numbers for row in rows) / len(rows)

    cards = [row for row in clean_paid if row["商品名称"] == name]
    before = rate([row for row in cards if row["下单时间"] < cut])
    after = rate([row for row in cards if row["下单时间"] >= cut])
    rest = rate([row for row in clean_paid if row["商品名称"] != name])

    assert before > 2 * rest
    assert after < 0.6 * before
    assert after < 1.7 * rest


def test_the_refund_list_holds_fields_that_need_quoting(files):
    assert '"客人说""充错号了"",协商退一半"\n' in files[1].decode("utf-8-sig")
