"""Dealers whose reports are drawn: a full one, a new one, and one with everything odd about it."""

import dataclasses
from datetime import date

import pytest

from reports.metrics.dealer import DealerReport, MixRow, MonthFigures
from reports.metrics.rounding import growth_bps, share_bps

RTL = "متجر"
ODD_NAME = (
    "<script>alert(1)</script>&amp; 深圳市前海跨境虚拟商品与数字权益综合服务运营中心"
    f"（华南区第三分店）🎮{RTL}\u202e堃喆"
)


def month_before(month: date, back: int) -> date:
    """Return the first day of the month `back` months earlier."""
    total = month.year * 12 + month.month - 1 - back
    return date(total // 12, total % 12 + 1, 1)


def months_of(
    amounts: list[tuple[int, int]], *, last: date, buyers: bool = True, complete: bool = True
) -> tuple[MonthFigures, ...]:
    """Return dense months ending with `last` from (GMV, refund) in minor units."""
    made: list[MonthFigures] = []
    for index, (gmv, refund) in enumerate(amounts):
        whole = complete or index < len(amounts) - 1
        orders = gmv // 4_300
        active = orders * 2 // 3
        repeat = active * 2 // 5
        rated = buyers and active >= 10 and index >= 3
        made.append(
            MonthFigures(
                month=month_before(last, len(amounts) - 1 - index),
                gmv_minor=gmv,
                refund_minor=refund,
                net_gmv_minor=gmv - refund,
                orders=orders,
                units=orders * 2,
                active_buyers=active if buyers else None,
                repeat_buyers=repeat if buyers else None,
                repurchase_bps=share_bps(repeat, active) if rated else None,
                mom_bps=growth_bps(now=gmv, before=amounts[index - 1][0])
                if index and whole
                else None,
                yoy_bps=growth_bps(now=gmv, before=amounts[index - 12][0])
                if index >= 12 and whole
                else None,
                complete=whole,
            )
        )
    return tuple(made)


def mix_of(rows: list[tuple[str, int, int]]) -> tuple[MixRow, ...]:
    """Return mix rows from (label, GMV, GMV before)."""
    whole = sum(gmv for _, gmv, _ in rows)
    return tuple(MixRow(label, gmv, share_bps(gmv, whole) or 0, old) for label, gmv, old in rows)


def rich_report() -> DealerReport:
    """25 months, a season, refunds, buyers, eight categories, the last month not over."""
    season = [100, 82, 96, 101, 108, 118, 112, 109, 104, 113, 142, 131]
    amounts = []
    for index in range(25):
        gmv = 6_243_157 * season[(index + 10) % 12] * (100 + 3 * index) // 10_000 + index * 1_237
        amounts.append((gmv, gmv * (2 + index % 4) // 100))
    amounts[-1] = (amounts[-1][0] // 3, amounts[-1][1] // 3)
    mix = mix_of(
        [
            ("手游充值", 9_812_345, 8_012_311),
            ("视频会员", 6_122_010, 6_522_800),
            ("礼品卡", 3_480_122, 2_100_450),
            ("话费充值", 2_211_900, 2_480_120),
            ("Steam 点卡与海外平台余额", 1_410_000, 900_000),
            ("外卖红包", 802_211, 1_002_233),
            ("打车券", 420_000, 0),
            ("", 312_000, 402_000),
        ]
    )
    return DealerReport(
        dealer_ref="D-0042",
        dealer_name="星河数码（杭州）",
        currency="CNY",
        months=months_of(amounts, last=date(2026, 11, 1), complete=False),
        mix=mix,
        mix_by="category",
        mix_months=3,
        has_buyers=True,
        has_refunds=True,
        first_sold_on=date(2024, 11, 3),
        facts_until=date(2026, 11, 9),
        facts_version="f3a91c0d77b2",
    )


def tiny_report() -> DealerReport:
    """One complete month in pounds, one product, neither buyers nor refunds known."""
    return DealerReport(
        dealer_ref="uk-7",
        dealer_name="Corner Shop",
        currency="GBP",
        months=months_of([(123_456, 0)], last=date(2026, 10, 1), buyers=False),
        mix=mix_of([("WHITE HANGING HEART T-LIGHT HOLDER", 123_456, 0)]),
        mix_by="product",
        mix_months=1,
        has_buyers=False,
        has_refunds=False,
        first_sold_on=date(2026, 10, 12),
        facts_until=date(2026, 10, 31),
        facts_version="0a1b2c3d",
    )


def weird_report() -> DealerReport:
    """Hostile names, a negative net month, an empty month and a leap of 444,344 %."""
    amounts = [(5_000, 0), (2_000, 90_000), (0, 0), (900, 100), (4_000_000, 1), (3_999_999, 0)]
    return DealerReport(
        dealer_ref='"><img src=x onerror=alert(1)>',
        dealer_name=ODD_NAME,
        currency="CNY",
        months=months_of(amounts, last=date(2026, 10, 1)),
        mix=mix_of(
            [
                ("</script><script>alert(2)</script>", 5_000_000, 3_000),
                ("<b>粗体</b> & $x^2$ %{x}", 2_000_000, 0),
                (RTL + " \u202eabc", 999_999, 900),
                ("🎮🎁 礼包", 1, 0),
            ]
        ),
        mix_by="product",
        mix_months=3,
        has_buyers=True,
        has_refunds=True,
        first_sold_on=date(2026, 5, 2),
        facts_until=date(2026, 10, 31),
        facts_version="<version>",
    )


def empty_report() -> DealerReport:
    """A dealer who has not sold anything yet."""
    return dataclasses.replace(
        tiny_report(), dealer_name="", months=(), mix=(), mix_months=0, first_sold_on=None
    )


@pytest.fixture(scope="session")
def rich() -> DealerReport:
    return rich_report()


@pytest.fixture(scope="session")
def tiny() -> DealerReport:
    return tiny_report()


@pytest.fixture(scope="session")
def weird() -> DealerReport:
    return weird_report()


@pytest.fixture(scope="session")
def empty() -> DealerReport:
    return empty_report()


@pytest.fixture(params=["rich", "tiny", "weird", "empty"])
def any_report(request: pytest.FixtureRequest) -> DealerReport:
    chosen: DealerReport = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture(params=["zh-CN", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)
