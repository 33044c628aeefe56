"""The words of rounds: why a shop got an hour or did not, what its points follow from."""

from collections.abc import Sequence

from portal import i18n, money
from portal.i18n import gettext as _
from portal.rounds.queries import RequestRow, RoundRow
from portal.rounds.rules.allocation import Way
from portal.rounds.rules.benefit import MOST, Part, PartName
from portal.rounds.rules.states import Outcome, RoundState


def state(of: RoundState) -> tuple[str, str]:
    """Return what a round's state is called, and its tone."""
    return {
        RoundState.OPEN: (_("报名中"), "info"),
        RoundState.CLOSED: (_("正在分配"), ""),
        RoundState.DECIDED: (_("结果待公布"), "warn"),
        RoundState.PUBLISHING: (_("正在预约"), ""),
        RoundState.PUBLISHED: (_("已公布"), "good"),
        RoundState.CANCELLED: (_("已取消"), ""),
    }[of]


def outcome(request: RequestRow) -> tuple[str, str]:
    """Return in two words what became of a request, and its tone."""
    if request.outcome is None:
        return _("等结果"), "info"
    return {
        Outcome.GIVEN: (_("排上了"), "good"),
        Outcome.NOTHING: (_("没排上"), ""),
        Outcome.GONE: (_("时段没了"), "warn"),
    }[request.outcome]


def why(request: RequestRow, of: RoundRow) -> str:
    """Return the sentence that says why a shop got what it got."""
    if request.outcome is None:
        return ""
    if request.outcome is Outcome.GONE:
        return _("本来排上了，预约时这个时段或者店里的时间已经被占用。会记 5 分，下一轮加给你。")
    if request.outcome is Outcome.NOTHING:
        return _nothing(request, of)
    values = {"place": request.place, "benefit": request.benefit}
    if request.way is Way.LOTTERY:
        return _("抽签抽中：你排在抽签次序第 %(place)s 位，抽中的店一定排上，不看分数。", **values)
    if request.way is Way.SHARE:
        return _("留给新店小店的名额：这部分名额不和大店比分数。你的分数是 %(benefit)s。", **values)
    return _("按分数排上：你的分数是 %(benefit)s，这样分，所有店加起来的分数最高。", **values)


def _nothing(request: RequestRow, of: RoundRow) -> str:
    said = [
        _(
            "你勾了 %(ticked)s 个时段，分数是 %(benefit)s。",
            ticked=len(request.ticked),
            benefit=request.benefit,
        )
    ]
    lost = request.lost_to
    if lost.get(Way.BENEFIT):
        said.append(
            _(
                "%(count)s 个给了分数更高或一样、抽签次序在前的店，最低 %(least)s 分。",
                count=lost[Way.BENEFIT],
                least=request.least,
            )
        )
    if lost.get(Way.LOTTERY):
        said.append(_("%(count)s 个由抽签给了别的店。", count=lost[Way.LOTTERY]))
    if lost.get(Way.SHARE):
        said.append(_("%(count)s 个是留给新店小店的。", count=lost[Way.SHARE]))
    if of.lottery_bps:
        said.append(_("抽签次序里你在第 %(place)s 位，没有轮到。", place=request.place))
    said.append(_("没排上会记 5 分，下一轮加给你。"))
    # Chinese sentences follow each other without a blank.
    return ("" if i18n.language() == i18n.SOURCE else " ").join(said)


def part(of: Part) -> tuple[str, str, str]:
    """Return what counts, what it follows from, and the points out of how many."""
    name = {
        PartName.DECLINE: _("生意下滑"),
        PartName.SIZE: _("店的规模"),
        PartName.SESSION: _("很久没聊过"),
        PartName.LEARNING: _("学完就做"),
        PartName.WAITED: _("之前没排上"),
    }[of.name]
    return name, _value(of), f"{of.points} / {MOST[of.name]}"


def _value(of: Part) -> str:
    value = of.value
    if value is None:
        return _("从没约过") if of.name is PartName.SESSION else _("没有数据")
    return {
        PartName.DECLINE: lambda: _("近三个月比前三个月 %(change)s%%", change=f"{value:+d}"),
        PartName.SIZE: lambda: _(
            "近三个月成交额 %(amount)s",
            amount=money.money_short(value, chinese=i18n.language() == i18n.SOURCE),
        ),
        PartName.SESSION: lambda: _("上次是 %(days)s 天前", days=value),
        PartName.LEARNING: lambda: _("近 60 天学完 %(count)s 课", count=value),
        PartName.WAITED: lambda: _("连续 %(count)s 轮", count=value),
    }[of.name]()


def rules_of(of: RoundRow) -> Sequence[str]:
    """Return what was declared, a sentence each."""
    return [
        _("每家店最多 %(cap)s 场。", cap=of.cap),
        _("%(percent)s%% 的名额抽签，报了名就有机会。", percent=of.lottery_bps // 100),
        _("至少 %(percent)s%% 留给新店小店。", percent=of.small_bps // 100),
        _("其余的按分数排，让所有店加起来的收获最大，不比谁手快。"),
    ]
