"""What each figure means: the one place of its name, formula, period, minimum and caveat.

Pages, PDFs, the portal's help and the checks all read the definitions and the limits from here,
so that a figure cannot be computed by one rule and explained by another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

MAX_MONTHS = 25
"""Months a report shows at most: two years and the month that closes them."""

REPEAT_DAYS = 90
"""Days before a buyer's first order of the month that make the buyer a repeat buyer."""

MIN_BUYERS = 10
"""Fewest active buyers for a repurchase rate: with fewer, one buyer is over 10 points of it."""

MIX_MONTHS = 3
"""Complete months that the mix covers at most; it is compared with as many months before."""

MIX_ROWS = 8
"""Categories or products the mix names; all others are one row."""

Unit = Literal["money", "count", "bps"]


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages of the product."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """Return the text in `language`, "zh-CN" or "en"; KeyError for any other."""
        return {"zh-CN": self.zh, "en": self.en}[language]


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure in words. `unit` says how the integer is stored: minor units, a count, or bps."""

    key: str
    name: Words
    formula: Words
    unit: Unit
    period: Words
    minimum: Words | None  # what it takes to be shown at all; None: it always has a value
    caveat: Words


_MONTH = Words(zh="自然月，按店铺当地日期", en="Calendar month, by the shop's local date")
_COUNTED_MONTHS = Words(
    zh=f"最近 {MIX_MONTHS} 个完整自然月，对比再往前的同样月数；"
    f"开店不足 {MIX_MONTHS} 个月时按实际月数",
    en=f"The last {MIX_MONTHS} complete calendar months against as many before; "
    f"fewer when the shop is younger than {MIX_MONTHS} months",
)

_ALL = (
    Definition(
        key="gmv",
        name=Words(zh="成交额（GMV）", en="GMV"),
        formula=Words(
            zh="当月已付款订单行金额之和，后来退款的也计在内",
            en="Sum of the month's paid order lines, including those refunded later",
        ),
        unit="money",
        period=_MONTH,
        minimum=None,
        caveat=Words(
            zh="不含未付款订单，也不含邮费、手续费等非商品行；数据截止日之后的成交不在内",
            en="Without unpaid orders and without lines that are no goods, such as postage and "
            "fees; nothing after the last day of the data is counted",
        ),
    ),
    Definition(
        key="refund",
        name=Words(zh="退款额", en="Refunds"),
        formula=Words(
            zh="当月发生的退款金额之和，显示为正数",
            en="Sum of the refunds made in the month, shown as a positive amount",
        ),
        unit="money",
        period=Words(
            zh="退款发生的自然月，而不是原订单的月份",
            en="Calendar month of the refund, not of the original order",
        ),
        minimum=None,
        caveat=Words(
            zh="数据来源没有退款记录时，报告会注明，此时净成交额等于成交额",
            en="Where the source reports no refunds the report says so, and net GMV equals GMV",
        ),
    ),
    Definition(
        key="net_gmv",
        name=Words(zh="净成交额", en="Net GMV"),
        formula=Words(zh="成交额减去退款额", en="GMV minus refunds"),
        unit="money",
        period=_MONTH,
        minimum=None,
        caveat=Words(
            zh="退款按发生的月份扣减，所以某个月可能为负",
            en="Refunds are deducted in the month they are made, so a month can be negative",
        ),
    ),
    Definition(
        key="orders",
        name=Words(zh="订单数", en="Orders"),
        formula=Words(
            zh="当月至少有一行商品成交的订单，同一订单只计一次",
            en="Orders with at least one paid line of goods in the month, each counted once",
        ),
        unit="count",
        period=_MONTH,
        minimum=None,
        caveat=Words(zh="后来退款的订单仍计在内", en="Orders refunded later are still counted"),
    ),
    Definition(
        key="average_order",
        name=Words(zh="客单价", en="Average order value"),
        formula=Words(zh="成交额 ÷ 订单数", en="GMV ÷ orders"),
        unit="money",
        period=_MONTH,
        minimum=Words(zh="当月至少 1 笔订单", en="At least 1 order in the month"),
        caveat=Words(
            zh="少数大单会明显拉高；四舍六入五成双，保留到最小货币单位",
            en="A few large orders raise it a lot; rounded half to even to the smallest coin",
        ),
    ),
    Definition(
        key="active_buyers",
        name=Words(zh="活跃买家", en="Active buyers"),
        formula=Words(
            zh="当月有成交的不同买家数", en="Distinct buyers with a paid line in the month"
        ),
        unit="count",
        period=_MONTH,
        minimum=Words(zh="数据来源要能区分买家", en="The source must tell buyers apart"),
        caveat=Words(
            zh="买家按加密后的账号或联系方式区分；没有留下买家信息的订单不计，"
            "同一人换号会被算作两人",
            en="Buyers are told apart by an encrypted account or contact; orders without one are "
            "not counted, and a person with two contacts counts twice",
        ),
    ),
    Definition(
        key="repurchase_rate",
        name=Words(zh="复购率", en="Repurchase rate"),
        formula=Words(
            zh=f"当月活跃买家中，本月首单之前 {REPEAT_DAYS} 天内在本店买过的人数 ÷ 当月活跃买家",
            en=f"Active buyers who had bought here in the {REPEAT_DAYS} days before their first "
            "order of the month ÷ active buyers",
        ),
        unit="bps",
        period=_MONTH,
        minimum=Words(
            zh=f"当月至少 {MIN_BUYERS} 位活跃买家，且月初距本店首笔成交至少 {REPEAT_DAYS} 天",
            en=f"At least {MIN_BUYERS} active buyers in the month, which begins at least "
            f"{REPEAT_DAYS} days after the shop's first sale",
        ),
        caveat=Words(
            zh=f"刚过 {MIN_BUYERS} 人时，多一位回头客就会变动约 10 个百分点，请看几个月的走势",
            en=f"Near {MIN_BUYERS} buyers a single person moves it by about 10 points; read it "
            "over several months",
        ),
    ),
    Definition(
        key="mom",
        name=Words(zh="环比", en="Month over month"),
        formula=Words(
            zh="当月成交额比上月增减的金额 ÷ 上月成交额",
            en="Change of GMV against the month before ÷ GMV of the month before",
        ),
        unit="bps",
        period=Words(zh="当月对上一个自然月", en="The month against the calendar month before"),
        minimum=Words(
            zh="当月数据完整，且上月成交额大于零",
            en="The month's data are complete and the month before sold something",
        ),
        caveat=Words(
            zh="没有剔除节假日和大促的影响；这是前后对比，不代表原因",
            en="Not adjusted for holidays and sales campaigns; it compares, it does not explain",
        ),
    ),
    Definition(
        key="yoy",
        name=Words(zh="同比", en="Year over year"),
        formula=Words(
            zh="当月成交额比去年同月增减的金额 ÷ 去年同月成交额",
            en="Change of GMV against the same month last year ÷ GMV of the same month last year",
        ),
        unit="bps",
        period=Words(
            zh="当月对去年同一个自然月", en="The month against the same month of last year"
        ),
        minimum=Words(
            zh="当月数据完整，且去年同月成交额大于零",
            en="The month's data are complete and the same month last year sold something",
        ),
        caveat=Words(
            zh="春节等农历节日每年落在不同月份，会影响一、二月的同比",
            en="Lunar holidays such as Spring Festival fall in different months, "
            "which disturbs January and February",
        ),
    ),
    Definition(
        key="mix_share",
        name=Words(zh="品类占比", en="Share of the mix"),
        formula=Words(
            zh="该品类（没有品类时为该商品）的成交额 ÷ 同期全部成交额",
            en="GMV of the category (of the product, where there are no categories) "
            "÷ all GMV of the period",
        ),
        unit="bps",
        period=_COUNTED_MONTHS,
        minimum=Words(zh="这段时间的成交额大于零", en="The period's GMV is above zero"),
        caveat=Words(
            zh=f"列出前 {MIX_ROWS} 项，其余合并为一项；"
            "各项分别舍入，加起来可能比 100% 多或少 0.01 个百分点左右",
            en=f"The first {MIX_ROWS} are named, the rest is one row; each share is rounded, so "
            "the sum may differ from 100 % by a few hundredths of a point",
        ),
    ),
)

_BY_KEY: Mapping[str, Definition] = MappingProxyType({entry.key: entry for entry in _ALL})


def definitions() -> tuple[Definition, ...]:
    """Return all definitions in the order in which a report explains them."""
    return _ALL


def definition(key: str) -> Definition:
    """Return the definition of the figure `key`; KeyError when no figure has that key."""
    return _BY_KEY[key]
