"""The words of action items: what is asked of the orders, how far it is, and why it is closed."""

from datetime import date

from portal import i18n, money
from portal.i18n import gettext as _
from portal.practice.rules import Chip, ClosedBy, Lacking, State, Target


def amount(measure: str, value: int, *, currency: str | None) -> str:
    """Return a figure by itself, the same in both languages, e.g. 3, ¥32.50 or 1.8%."""
    if measure == "average_order":
        return money.money(value, currency or "CNY")
    if measure == "refund_rate":
        return str(money.percent(value))
    return f"{value:,}"


def asked(target: Target, *, days: int, currency: str | None) -> str:
    """Return what the orders must show within `days` for the item to be closed."""
    values = {"days": days, "target": amount(target.measure, target.bound, currency=currency)}
    words = {
        "orders": _("%(days)s 天内成交 %(target)s 笔订单", **values),
        "buyers": _("%(days)s 天内有 %(target)s 位买家下单", **values),
        "returning_buyers": _("%(days)s 天内有 %(target)s 位近 90 天的老客回来买", **values),
        "new_products": _("%(days)s 天内卖出 %(target)s 种新商品", **values),
        "categories": _("%(days)s 天内卖出 %(target)s 个品类", **values),
        "average_order": _("%(days)s 天内客单价不低于 %(target)s", **values),
        "refund_rate": _("%(days)s 天内退款率不高于 %(target)s", **values),
    }
    return str(words[target.measure])


def explanation(target: Target, figure: int, *, days: int, currency: str | None) -> str:
    """Return the sentence that says what the orders showed, and what was asked."""
    values = {
        "days": days,
        "figure": amount(target.measure, figure, currency=currency),
        "target": amount(target.measure, target.bound, currency=currency),
    }
    words = {
        "orders": _("%(days)s 天内成交 %(figure)s 笔订单，目标 %(target)s 笔", **values),
        "buyers": _("%(days)s 天内有 %(figure)s 位买家下单，目标 %(target)s 位", **values),
        "returning_buyers": _(
            "%(days)s 天内有 %(figure)s 位近 90 天的老客回来买，目标 %(target)s 位", **values
        ),
        "new_products": _("%(days)s 天内卖出 %(figure)s 种新商品，目标 %(target)s 种", **values),
        "categories": _("%(days)s 天内卖出 %(figure)s 个品类，目标 %(target)s 个", **values),
        "average_order": _("%(days)s 天内客单价 %(figure)s，目标不低于 %(target)s", **values),
        "refund_rate": _("%(days)s 天内退款率 %(figure)s，目标不高于 %(target)s", **values),
    }
    return str(words[target.measure])


def progress(target: Target, figure: int, *, currency: str | None) -> str:
    """Return how far an open item is, in the smallest space."""
    values = {
        "figure": amount(target.measure, figure, currency=currency),
        "target": amount(target.measure, target.bound, currency=currency),
    }
    words = {
        "orders": _("已成交 %(figure)s/%(target)s 笔", **values),
        "buyers": _("已有 %(figure)s/%(target)s 位买家", **values),
        "returning_buyers": _("已回来 %(figure)s/%(target)s 位老客", **values),
        "new_products": _("已卖出 %(figure)s/%(target)s 种新商品", **values),
        "categories": _("已卖出 %(figure)s/%(target)s 个品类", **values),
        "average_order": _("客单价 %(figure)s，目标 %(target)s", **values),
        "refund_rate": _("退款率 %(figure)s，上限 %(target)s", **values),
    }
    return str(words[target.measure])


def lacking(why: Lacking) -> str:
    """Return why the orders cannot tell yet, or not at all, and what to do then."""
    words = {
        Lacking.NO_ORDERS: _("还没有你店里的订单数据。"),
        Lacking.NOT_YET: _("你开始之后的订单还没导入，导入后会自动核对。"),
        Lacking.FEW_ORDERS: _("订单不到 10 笔，还算不准，先不下结论。"),
        Lacking.NO_BUYERS: _("订单文件里没有买家信息，算不出来。做完后自己报完成就行。"),
        Lacking.NO_CATEGORIES: _("订单里的商品没有品类，算不出来。做完后自己报完成就行。"),
        Lacking.NO_REFUNDS: _("订单文件里没有退款记录，算不出来。做完后自己报完成就行。"),
        Lacking.SHORT_HISTORY: _("订单数据不满 90 天，分不出哪些是新商品。做完后自己报完成就行。"),
    }
    return str(words[why])


def read_until(day: date) -> str:
    """Return up to which day the orders have been counted."""
    return str(_("按截至 %(day)s 的订单", day=i18n.day(day)))


def left(days: int) -> str:
    """Return how much time an open item has; 0 on its due day, negative when it went by."""
    if days < 0:
        return str(_("已逾期"))
    if days == 0:
        return str(_("今天到期"))
    if days == 1:
        return str(_("明天到期"))
    return str(_("还剩 %(days)s 天", days=days))


def state(of: State) -> tuple[str, str]:
    """Return what a state is called and in which tone it is shown."""
    words = {
        State.OPEN: (_("进行中"), "info"),
        State.DONE: (_("已完成"), "good"),
        State.MISSED: (_("已逾期"), "warn"),
        State.DROPPED: (_("不做了"), ""),
    }
    word, tone = words[of]
    return str(word), tone


def chip(of: Chip) -> str:
    """Return what a pile of the list is called."""
    words = {
        Chip.ALL: _("全部"),
        Chip.OPEN: _("进行中"),
        Chip.DONE: _("已完成"),
        Chip.MISSED: _("已逾期"),
        Chip.DROPPED: _("不做了"),
    }
    return str(words[of])


def closed_by(of: ClosedBy) -> str:
    """Return what showed that an item was done."""
    words = {
        ClosedBy.FACTS: _("订单数据"),
        ClosedBy.PICTURE: _("照片"),
        ClosedBy.WORDS: _("自己的说明"),
    }
    return str(words[of])
