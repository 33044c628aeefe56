"""The words of the calendars that are not in a template."""

from collections.abc import Sequence

from portal.calendars.queries import SourceRow, TroubleRow
from portal.calendars.reading import Problem
from portal.calendars.rules import Fault, SourceKind
from portal.i18n import gettext as _


def kind(value: SourceKind) -> str:
    """Return what a kind of source is called."""
    return {SourceKind.ICS: _("日历链接（ICS）"), SourceKind.CALDAV: _("日历账号（CalDAV）")}[value]


def fault(value: Fault) -> str:
    """Return why a source gave nothing, and what to do."""
    sentences = {
        Fault.UNREACHABLE: _("对方的服务器没有应答，过一会儿会自动再试。"),
        Fault.FORBIDDEN: _("这个地址不能读：要以 https:// 开头，而且能从公网访问。"),
        Fault.REFUSED: _("对方不让读：链接或密码可能已经失效，删掉后用新的重新添加。"),
        Fault.GONE: _("这个地址上没有日历了，删掉后用新的重新添加。"),
        Fault.ANSWERED: _("对方的服务器出错了，过一会儿会自动再试。"),
        Fault.TOO_BIG: _("日历超过 5 MB，读不了。换一个只放近期日程的日历。"),
        Fault.NO_CALENDAR: _("这个地址上的不是日历。请确认复制的是 ICS 订阅链接，不是网页地址。"),
        Fault.TOO_SLOW: _("这份日历太复杂，读了很久也没读完。"),
        Fault.SEALED: _("保存的地址打不开了，删掉后重新添加。"),
    }
    return str(sentences[value])


def trouble(row: TroubleRow) -> str:
    """Return what is wrong with an event of a calendar."""
    reasons = {
        Problem.UNREADABLE: _("内容残缺或格式不对"),
        Problem.NO_START: _("没有开始时间"),
        Problem.BACKWARDS: _("结束早于开始"),
        Problem.TOO_OFTEN: _("重复得太密，超过每半小时一次"),
        Problem.TOO_SLOW: _("重复规则算得太久"),
        Problem.UNKNOWN_ZONE: _("时区认不出，按你的时区算了"),
        Problem.TOO_MANY: _("日程太多，从这一个起没有读"),
        Problem.NO_CALENDAR: _("不是日历文件"),
    }
    return str(
        _("第 %(number)s 个事件：%(reason)s", number=row.number, reason=reasons[row.problem])
    )


def state(row: SourceRow) -> tuple[str, str]:
    """Return how a source is, and the tone in which that is shown."""
    if row.fault is not None:
        return _("读不到"), "bad"
    if row.tried_at is None:
        return _("等着读"), "info"
    if row.trouble_count:
        return _("%(count)s 个没读懂", count=row.trouble_count), "warn"
    return _("正常"), "good"


def steps(value: SourceKind) -> Sequence[tuple[str, str]]:
    """Return how one gets the address of one's own calendar, by program."""
    if value is SourceKind.CALDAV:
        return [
            (
                _("飞书"),
                _(
                    "设置 → 日历 → CalDAV 同步，生成用户名和专用密码，"
                    "地址填 https://caldav.feishu.cn/。"
                ),
            ),
            (
                _("iCloud"),
                _("在 Apple 账户里生成“App 专用密码”，地址填 https://caldav.icloud.com/。"),
            ),
            (
                _("企业邮箱、Nextcloud 等"),
                _("向管理员要 CalDAV 地址。能用专用密码的，不要填登录密码。"),
            ),
        ]
    return [
        (
            _("Outlook 网页版"),
            _("设置 → 日历 → 共享日历 → 发布日历，权限选“可查看我何时忙碌”，复制 ICS 链接。"),
        ),
        (_("Google 日历"), _("设置 → 选中日历 → 集成日历，复制“iCal 格式的私有地址”。")),
        (_("iCloud"), _("点日历旁的共享图标，打开“公开日历”，复制链接。")),
    ]


def subscribing() -> Sequence[tuple[str, str]]:
    """Return how one subscribes to a feed, by program."""
    return [
        (
            _("iPhone、iPad"),
            _("设置 → 日历 → 账户 → 添加账户 → 其他 → 添加已订阅的日历，粘贴链接。"),
        ),
        (_("Outlook"), _("日历 → 添加日历 → 从 Web 订阅，粘贴链接，取个名字。")),
        (_("飞书"), _("日历左侧点“+” → 订阅日历 → 通过链接订阅，粘贴链接。")),
        (_("安卓手机"), _("自带的日历多半不能订阅，可以装 Outlook，或在飞书里订阅。")),
    ]


def bad_address() -> str:
    """Return what is wrong with an address that cannot be read."""
    return str(_("地址不对：要以 https:// 或 webcal:// 开头，而且能从公网访问。"))
