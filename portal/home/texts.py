"""The words of the start pages: what to do next, and because of what."""

from dataclasses import dataclass
from datetime import date

from portal import i18n
from portal.home.rules import SCALES, Figure, Reading, Unit
from portal.i18n import gettext as _
from reports.metrics.rounding import growth_bps
from reports.render import text


@dataclass(frozen=True, slots=True)
class Words:
    """A step in words: what to do, because of what, and what stands on its button."""

    title: str
    reason: str
    button: str
    icon: str


def figure(value: Figure) -> str:
    """Return what a figure is called in the middle of a sentence."""
    words = {
        Figure.REPURCHASE_RATE: _("复购率"),
        Figure.REFUND_RATE: _("退款率"),
        Figure.ACTIVE_BUYERS: _("活跃买家"),
        Figure.AVERAGE_ORDER: _("客单价"),
    }
    return str(words[value])


def reading(value: Reading, *, month: date, currency: str) -> str:
    """Return a figure with its month and change, e.g. 10 月复购率 18.2%，比上月降低 2.1 个百分点.

    `month` is any day of the month that `value.now` belongs to, `currency` an ISO 4217 code.
    """
    words = text.wording(i18n.language_tag())
    if SCALES[value.figure].unit is Unit.RATE:
        change = text.points(value.now - value.before, words=words)
    else:
        # Only what fell is ever told here, so there was something to fall from.
        grown = growth_bps(now=value.now, before=value.before) or 0
        change = text.growth(grown, over="month", words=words)
    return str(
        _(
            "%(month)s%(figure)s %(amount)s，%(change)s",
            month=text.month_name(month, words=words),
            figure=figure(value.figure),
            amount=_amount(value, currency=currency),
            change=change,
        )
    )


def _amount(value: Reading, *, currency: str) -> str:
    unit = SCALES[value.figure].unit
    if unit is Unit.RATE:
        return text.percent(value.now)
    if unit is Unit.MONEY:
        return text.money(value.now, currency=currency)
    return str(_("%(count)s 人", count=f"{value.now:,}"))


def prepare(*, consultant: str, when: str, going_on: bool) -> Words:
    """Return the words for a session that is near; `when` is its local date and time."""
    if going_on:
        title = _("和%(name)s的会谈正在进行", name=consultant)
        reason = _("因为会谈 %(when)s 已经开始。", when=when)
    else:
        title = _("准备和%(name)s的会谈", name=consultant)
        reason = _(
            "因为会谈在 24 小时内开始：%(when)s。先想好最想解决的一件事，聊起来快得多。", when=when
        )
    return Words(str(title), str(reason), str(_("看会谈安排")), "calendar-event")


def read_note(*, notice: str) -> Words:
    """Return the words for a session's note that waits to be read; `notice` announced it."""
    reason = _("因为%(notice)s，你还没看。", notice=notice)
    return Words(str(_("看会谈记录")), str(reason), str(_("看会谈记录")), "notes")


def learn(*, title: str, minutes: int, because: str) -> Words:
    """Return the words for a lesson about a weak figure; `because` comes from `reading`."""
    reason = _(
        "因为 %(because)s。这一课讲的就是它，%(minutes)s 分钟。", because=because, minutes=minutes
    )
    return Words(title, str(reason), str(_("学这一课")), "book-2")


def ask(*, because: str) -> Words:
    """Return the words for a weak figure whose lessons are done."""
    reason = _("因为 %(because)s，相关的课你都学完了，适合找顾问一起看原因。", because=because)
    return Words(str(_("约顾问聊一次")), str(reason), str(_("去预约")), "calendar-plus")


def go_on(*, title: str, course: str, percent: int, minutes: int) -> Words:
    """Return the words for the next lesson of a course that was begun; `percent` 0 to 100."""
    reason = _(
        "因为“%(course)s”学到了 %(percent)s%%，接着就是这一课，%(minutes)s 分钟。",
        course=course,
        percent=percent,
        minutes=minutes,
    )
    return Words(title, str(reason), str(_("继续学")), "player-play")


def begin(*, title: str, course: str, minutes: int) -> Words:
    """Return the words for the first lesson of a course that was not begun."""
    reason = _(
        "因为“%(course)s”还没开始学，第一课只要 %(minutes)s 分钟。", course=course, minutes=minutes
    )
    return Words(title, str(reason), str(_("开始学")), "player-play")


def read_answer(*, notice: str) -> Words:
    """Return the words for a supplier's answer that waits to be read; `notice` announced it."""
    reason = _("因为反馈有了结果，你还没看。")
    return Words(notice, str(reason), str(_("看反馈")), "message-2")


def nothing() -> Words:
    """Return the words for a dealer who has nothing to do."""
    reason = _("因为没有要学的课，没有没看的结果，24 小时内也没有会谈。")
    return Words(str(_("现在没有要做的事")), str(reason), str(_("提一条反馈")), "message-plus")
