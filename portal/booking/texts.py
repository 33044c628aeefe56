"""The words of the booking room that are not in a template."""

from portal.booking.rules.hours import BUFFERS_MINUTES, WINDOWS_A_DAY, Problem
from portal.booking.rules.offers import PlaceMode
from portal.booking.rules.reasons import Reason
from portal.booking.rules.sessions import State
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

WEEKDAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))


def state(value: State, *, asked: bool = False) -> tuple[str, str]:
    """Return what a session's state is called and the tone in which it is shown.

    `asked`: it waits, or waited, for its consultant's yes.
    """
    if asked and value is State.BOOKED:
        return _("等顾问确认"), "warn"
    if asked and value is State.CANCELLED:
        return _("没有约成"), ""
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


OFF = "off"
# Where the alliance's people travel; a consultant's own zone is the operator's to set.
_ZONES = {
    "Asia/Shanghai": _l("北京时间"),
    "Asia/Hong_Kong": _l("香港"),
    "Asia/Taipei": _l("台北"),
    "Asia/Urumqi": _l("乌鲁木齐"),
    "Asia/Tokyo": _l("东京、首尔"),
    "Asia/Singapore": _l("新加坡、吉隆坡"),
    "Asia/Bangkok": _l("曼谷、河内、雅加达"),
    "Asia/Kolkata": _l("新德里"),
    "Asia/Dubai": _l("迪拜"),
    "Europe/Moscow": _l("莫斯科"),
    "Africa/Cairo": _l("开罗"),
    "Europe/Berlin": _l("柏林、巴黎、马德里"),
    "Europe/London": _l("伦敦"),
    "America/Sao_Paulo": _l("圣保罗"),
    "America/New_York": _l("纽约、多伦多"),
    "America/Chicago": _l("芝加哥"),
    "America/Los_Angeles": _l("洛杉矶、温哥华"),
    "Australia/Sydney": _l("悉尼、墨尔本"),
    "Pacific/Auckland": _l("奥克兰"),
}


def zones() -> list[tuple[str, str]]:
    """Return the time zones that one can choose, each with its words."""
    return [(name, str(words)) for name, words in _ZONES.items()]


def zone(name: str) -> str:
    """Return what a time zone is called; its IANA name where we have no words."""
    return str(_ZONES.get(name, name))


def special_days() -> list[tuple[str, str]]:
    """Return what a date can be that its weekday does not say."""
    worked = [
        (str(number), str(_("上班，按%(weekday)s的排班", weekday=str(name))))
        for number, name in enumerate(WEEKDAYS)
    ]
    return [(OFF, str(_("放假"))), *worked]


def place_mode(mode: PlaceMode) -> str:
    """Return where a kind of session is held."""
    return str(
        {
            PlaceMode.CONSULTANT: _("按顾问写的地点"),
            PlaceMode.PHONE: _("电话"),
            PlaceMode.IN_PERSON: _("当面"),
            PlaceMode.JITSI: _("Jitsi 视频"),
            PlaceMode.TENCENT: _("腾讯会议"),
        }[mode]
    )


def place_modes() -> list[tuple[str, str]]:
    """Return where a session can be held, each with its words."""
    return [(each.value, place_mode(each)) for each in PlaceMode]


def buffers_too_long() -> str:
    """Return that the time kept free around a session is too long."""
    return str(_("会谈前后留空合起来最多 %(most)s 分钟。", most=BUFFERS_MINUTES))


def why(reason: Reason) -> str:
    """Return to a consultant why a start cannot be booked."""
    return str(
        {
            Reason.PAST: _("已经过去"),
            Reason.LEAVE: _("休息日"),
            Reason.HOLIDAY: _("节假日"),
            Reason.NOTICE: _("离开始太近"),
            Reason.HORIZON: _("太远，还不能约"),
            Reason.DEALER_BUSY: _("店里有别的会谈"),
            Reason.QUOTA: _("店里的次数用完了"),
            Reason.BUSY: _("已有会谈"),
            Reason.OUTSIDE: _("自己的日历里有安排"),
            Reason.BUFFER: _("离别的安排太近，留不出间隔"),
            Reason.DAY_CAP: _("当天场数已满"),
            Reason.WEEK_CAP: _("本周场数已满"),
        }[reason]
    )


def why_for_dealer(reason: Reason) -> str:
    """Return to a dealer why nothing is free; of the consultant's day no more than is needed."""
    full = _("顾问这天的时间已经排满了。")
    return str(
        {
            Reason.PAST: _("这天能约的时间已经过了。"),
            Reason.LEAVE: _("顾问这天不接待。"),
            Reason.HOLIDAY: _("这天放假，顾问不接待。"),
            Reason.NOTICE: _("离开始太近，来不及准备了。"),
            Reason.HORIZON: _("这天还没有开放预约。"),
            Reason.DEALER_BUSY: _("店里这时候已经有一场会谈。"),
            Reason.QUOTA: _("店里 30 天内能约的这种会谈已经约满。"),
            Reason.WEEK_CAP: _("顾问这一周的会谈已经排满。"),
        }.get(reason, full)
    )


NOT_ON_THIS_WEEKDAY = _l("顾问每周的这一天不接待。")
