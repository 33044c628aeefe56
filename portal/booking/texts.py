"""The words of the booking room that are not in a template."""

from portal.booking.rules.hours import WINDOWS_A_DAY, Problem
from portal.booking.rules.sessions import State
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

WEEKDAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))


def state(value: State) -> tuple[str, str]:
    """Return what a session's state is called and the tone in which it is shown."""
    return {
        State.BOOKED: (_("已约好"), "info"),
        State.CANCELLED: (_("已取消"), ""),
        State.DONE: (_("已完成"), "good"),
        State.NO_SHOW: (_("未到场"), "warn"),
    }[value]


def part_of_day(hour: int) -> str:
    """Return what the part of the day is called in which this hour (0 to 23) lies."""
    morning, afternoon, evening = _("上午"), _("下午"), _("晚上")
    if hour < 12:
        return str(morning)
    return str(afternoon if hour < 18 else evening)


def hours_problem(problem: Problem, *, session_minutes: int) -> str:
    """Return what is wrong with a day's hours, and what to do."""
    sentences = {
        Problem.HALF: _("开始和结束要成对填写；不需要这一段就把两格都清空。"),
        Problem.UNREADABLE: _("时间写成 09:30 这样。"),
        Problem.BACKWARDS: _("结束要晚于开始；到半夜 12 点就填 00:00。"),
        Problem.TOO_SHORT: _(
            "这一段放不下一场会谈，至少要 %(minutes)s 分钟。", minutes=session_minutes
        ),
        Problem.OVERLAP: _("这几段时间有重叠，请错开。"),
        Problem.TOO_MANY: _("一天最多 %(count)s 段。", count=WINDOWS_A_DAY),
    }
    return str(sentences[problem])


def refusal(refused: Exception) -> str:
    """Return why a dealer cannot have one session more, and what to do."""
    sentences = {
        "DayFull": _("顾问这一天的会谈已经排满，换一天吧。"),
        "WeekFull": _("顾问这一周的会谈已经排满，换一周吧。"),
        "QuotaUsed": _("店里 30 天内能约的这种会谈已经约满，换个晚一点的日子，或换一种会谈。"),
        "NotForDealer": _("这种会谈暂时不对店里的等级开放，换一种会谈或换一位顾问吧。"),
    }
    return str(sentences[type(refused).__name__])
