"""The words of each kind of notice."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal import i18n
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.notices.rules import Channel, DeliveryState, NoticeKind, Skipped, Wish

_SENTENCES: Mapping[NoticeKind, str] = {
    NoticeKind.BOOKING_MADE: _l("%(who)s 约好了 %(when)s 的会谈"),
    NoticeKind.BOOKING_CANCELLED: _l("%(when)s 的会谈取消了"),
    NoticeKind.BOOKING_MOVED: _l("和 %(who)s 的会谈改到了 %(when)s"),
    NoticeKind.BOOKING_ASKED: _l("%(who)s 想约 %(when)s 的会谈，等顾问确认"),
    NoticeKind.BOOKING_DECLINED: _l("%(when)s 的会谈没有约成"),
    NoticeKind.BOOKING_TOMORROW: _l("会谈提醒：%(when)s，%(who)s"),
    NoticeKind.BOOKING_SOON: _l("会谈快开始了：%(when)s，%(who)s"),
    NoticeKind.CALENDAR_UNREAD: _l("你的“%(title)s”一直读不到，新的日程避不开"),
    NoticeKind.FEEDBACK_LINKED: _l("供应商已经开始处理你反馈的“%(title)s”"),
    NoticeKind.FEEDBACK_ANSWERED: _l("供应商回复了你反馈的“%(title)s”"),
    NoticeKind.FEEDBACK_SHIPPED: _l("你反馈的“%(title)s”已经改好上线"),
    NoticeKind.FEEDBACK_DECLINED: _l("供应商说明了暂时不改“%(title)s”的原因"),
    NoticeKind.SESSION_NOTE: _l("%(who)s 写好了会谈记录"),
    NoticeKind.ROUND_OPENED: _l("%(when)s起那几天的顾问名额开始报名了"),
    NoticeKind.ROUND_DECIDED: _l("%(when)s起那几天的顾问名额分好了"),
    NoticeKind.ROUND_CANCELLED: _l("%(when)s起那几天的顾问名额不分了，可以直接预约"),
    NoticeKind.REPORT_READY: _l("%(month)s的增长报告出来了"),
    NoticeKind.ACTION_DONE: _l("行动项已完成：%(title)s（做到 %(figure)s，目标 %(target)s）"),
    NoticeKind.COURSE_ASSIGNED: _l("老板安排你学“%(title)s”，%(when)s前学完"),
    NoticeKind.LESSON_MENDED: _l("你指出的“%(title)s”已经改好：%(answer)s"),
    NoticeKind.LESSON_KEPT: _l("作者看了你对“%(title)s”的意见：%(answer)s"),
    NoticeKind.QUESTION_ANSWERED: _l("作者回答了你在“%(title)s”里的提问"),
    NoticeKind.CERTIFICATE_ISSUED: _l("你学完了“%(title)s”，证书发给你了"),
    NoticeKind.CERTIFICATE_REVOKED: _l("你的“%(title)s”证书被撤销了：%(answer)s"),
    NoticeKind.ENDPOINT_OFF: _l("发往“%(title)s”的消息一直没成功，已经停了"),
    NoticeKind.MEMBER_JOINED: _l("%(who)s 加入了“%(title)s”"),
    NoticeKind.OWNER_NAMED: _l("%(who)s 现在是负责人"),
    NoticeKind.OWNER_UNNAMED: _l("%(who)s 不再是负责人"),
    NoticeKind.APPLICATION_RECEIVED: _l("“%(title)s”申请入驻，等你审核"),
    NoticeKind.APPLICATION_APPROVED: _l("“%(title)s”已开通，先从第一节课开始吧"),
    NoticeKind.IDENTITY_USED_AGAIN: _l(
        "有人用你的手机号或邮箱申请入驻“%(title)s”。是你的话，登录后直接申请即可",
    ),
    NoticeKind.RESET_ASKED: _l("%(who)s 忘了密码，等你给一个重置链接"),
    NoticeKind.NEW_SIGN_IN: _l("你的账号在一台新设备上登录了（%(who)s）"),
    NoticeKind.SIGN_IN_PAUSED: _l("有人连续输错你的密码或验证码，登录已暂停一会儿"),
    NoticeKind.PASSWORD_CHANGED: _l("你的密码改过了"),
    NoticeKind.FACTOR_CHANGED: _l("你的两步验证方式有变动"),
}


def text(kind: NoticeKind, params: Mapping[str, Any]) -> str:
    """Return a notice's sentence in the request's language.

    `params` are the values that the kind's sentence names; a missing one is shown as empty.
    `starts_at` (an ISO instant) and `month_on` (an ISO date) stand before `when` and `month`,
    which are texts: who is told may read another language than who caused the notice. So do
    `titles` (by language tag) before `title`, and `due_on` (an ISO date) before `when`.
    """
    values = dict.fromkeys(("title", "who", "when", "month", "figure", "target", "answer"), "")
    values |= params
    if "titles" in params:
        values["title"] = i18n.pick(params["titles"])
    if "due_on" in params:
        values["when"] = i18n.short_day(date.fromisoformat(params["due_on"]))
    if "starts_at" in params:
        values["when"] = i18n.moment(datetime.fromisoformat(params["starts_at"]))
    if "month_on" in params:
        values["month"] = i18n.month(date.fromisoformat(params["month_on"]))
    if kind is NoticeKind.ACTION_DUE:
        return _due(values)
    if kind is NoticeKind.REVIEW_DUE:
        return _review(values)
    return str(_SENTENCES[kind]) % values


def _due(values: Mapping[str, Any]) -> str:
    if values.get("count", 1) > 1:
        return str(_("%(count)s 件行动项快到期了，先到的是：%(title)s（%(when)s）", **values))
    return str(_("行动项 %(when)s到期：%(title)s", **values))


def _review(values: Mapping[str, Any]) -> str:
    return str(
        _("今天有 %(count)s 题要复习，约 %(minutes)s 分钟", **{"count": 0, "minutes": 1, **values})
    )


def place(params: Mapping[str, Any]) -> str:
    """Return where to be, for a notice that says so, or an empty text."""
    where = params.get("place")
    return str(_("地点：%(place)s", place=where)) if where else ""


def name(kind: NoticeKind) -> str:
    """Return what a kind is called where one chooses what to be mailed about."""
    names = {
        NoticeKind.BOOKING_MADE: _("会谈约好了"),
        NoticeKind.BOOKING_CANCELLED: _("会谈取消了"),
        NoticeKind.BOOKING_MOVED: _("会谈改期了"),
        NoticeKind.BOOKING_ASKED: _("会谈等顾问确认"),
        NoticeKind.BOOKING_DECLINED: _("会谈没有约成"),
        NoticeKind.BOOKING_TOMORROW: _("会谈前一天提醒"),
        NoticeKind.BOOKING_SOON: _("会谈前一小时提醒"),
        NoticeKind.CALENDAR_UNREAD: _("自己的日历读不到"),
        NoticeKind.FEEDBACK_LINKED: _("反馈开始处理了"),
        NoticeKind.FEEDBACK_ANSWERED: _("反馈有了回复"),
        NoticeKind.FEEDBACK_SHIPPED: _("反馈的问题改好上线了"),
        NoticeKind.FEEDBACK_DECLINED: _("反馈暂时不改，附原因"),
        NoticeKind.SESSION_NOTE: _("会谈记录写好了"),
        NoticeKind.ROUND_OPENED: _("顾问名额开始报名"),
        NoticeKind.ROUND_DECIDED: _("顾问名额分好了"),
        NoticeKind.ROUND_CANCELLED: _("顾问名额取消"),
        NoticeKind.REPORT_READY: _("增长报告出来了"),
        NoticeKind.ACTION_DONE: _("行动项由订单核对完成"),
        NoticeKind.ACTION_DUE: _("行动项快到期了"),
        NoticeKind.REVIEW_DUE: _("有题要复习"),
        NoticeKind.COURSE_ASSIGNED: _("老板安排了课程"),
        NoticeKind.LESSON_MENDED: _("你指出的课程错误改好了"),
        NoticeKind.LESSON_KEPT: _("作者说明了课程为什么不改"),
        NoticeKind.QUESTION_ANSWERED: _("作者回答了提问"),
        NoticeKind.CERTIFICATE_ISSUED: _("证书发好了"),
        NoticeKind.CERTIFICATE_REVOKED: _("证书被撤销"),
        NoticeKind.ENDPOINT_OFF: _("群或系统收不到消息"),
        NoticeKind.MEMBER_JOINED: _("有新成员加入"),
        NoticeKind.OWNER_NAMED: _("有人成为负责人"),
        NoticeKind.OWNER_UNNAMED: _("有人不再是负责人"),
        NoticeKind.APPLICATION_RECEIVED: _("有店铺申请入驻"),
        NoticeKind.APPLICATION_APPROVED: _("入驻申请通过了"),
        NoticeKind.IDENTITY_USED_AGAIN: _("有人用你的手机号或邮箱注册"),
        NoticeKind.RESET_ASKED: _("有人等重置密码的链接"),
        NoticeKind.NEW_SIGN_IN: _("账号在新设备上登录"),
        NoticeKind.SIGN_IN_PAUSED: _("有人试错密码，登录暂停"),
        NoticeKind.PASSWORD_CHANGED: _("密码改过了"),
        NoticeKind.FACTOR_CHANGED: _("两步验证方式有变动"),
    }
    return str(names[kind])


_OF_SESSIONS = frozenset(
    {
        NoticeKind.BOOKING_MADE,
        NoticeKind.BOOKING_CANCELLED,
        NoticeKind.BOOKING_MOVED,
        NoticeKind.BOOKING_ASKED,
        NoticeKind.BOOKING_DECLINED,
    }
)


def limit(kind: NoticeKind) -> str:
    """Return what is mailed about a kind whatever one wishes, or an empty text."""
    if kind in _OF_SESSIONS:
        return str(_("24 小时内开始的会谈有变动，总会马上发邮件。"))
    return ""


def wish(value: Wish) -> str:
    """Return what a wish is called."""
    words = {
        Wish.NOW: _("马上发"),
        Wish.DIGEST: _("放进每日汇总"),
        Wish.NEVER: _("不发邮件"),
    }
    return str(words[value])


def advice(kind: NoticeKind) -> str:
    """Return what a mail about a kind says below its sentence: what there is to do."""
    lines = {
        NoticeKind.BOOKING_MADE: _("打开可以看时间、地点和要聊的事，也可以改期或取消。"),
        NoticeKind.BOOKING_CANCELLED: _("打开可以看原因，再约一个合适的时间。"),
        NoticeKind.BOOKING_MOVED: _("打开可以看新的时间；原来的时间已经让出来了。"),
        NoticeKind.BOOKING_ASKED: _("这个时间先留着，确认后会再通知你；24 小时内没有回应就放开。"),
        NoticeKind.BOOKING_DECLINED: _("打开可以看原因，换个时间或换位顾问再约。"),
        NoticeKind.BOOKING_TOMORROW: _("打开可以看地点和要聊的事。来不了就趁早改期或取消。"),
        NoticeKind.BOOKING_SOON: _("打开可以看地点和要聊的事。"),
        NoticeKind.CALENDAR_UNREAD: _("打开可以看原因。链接失效的话，删掉后用新的重新添加。"),
        NoticeKind.FEEDBACK_LINKED: _("打开可以看进展。改好上线时，会再告诉你。"),
        NoticeKind.FEEDBACK_ANSWERED: _("打开可以看回复，也可以接着补充。"),
        NoticeKind.FEEDBACK_SHIPPED: _("打开看看改了什么，在店里试一试。"),
        NoticeKind.FEEDBACK_DECLINED: _("打开可以看原因。觉得不对，可以在下面回复。"),
        NoticeKind.SESSION_NOTE: _("打开可以看要点，和接下来店里要做的事。"),
        NoticeKind.ROUND_OPENED: _("打开勾选合适的时段，勾得越多越容易排上。"),
        NoticeKind.ROUND_DECIDED: _("打开看排上了没有，为什么。"),
        NoticeKind.ROUND_CANCELLED: _("打开可以看详情，也可以直接去约顾问。"),
        NoticeKind.REPORT_READY: _("打开看看这个月哪里变了，接下来先做哪一件。"),
        NoticeKind.ACTION_DONE: _("打开可以看是哪些天、哪些订单算出来的。"),
        NoticeKind.REVIEW_DUE: _("一次一题，答完马上看到为什么。"),
        NoticeKind.ACTION_DUE: _("打开看还差多少。已经做完的，拍张照或写一句就能完成。"),
        NoticeKind.COURSE_ASSIGNED: _("打开可以看要学的课程。老板看得到进度，看不到你的答案。"),
        NoticeKind.LESSON_MENDED: _("打开可以看改过的这一课。"),
        NoticeKind.LESSON_KEPT: _("打开可以看这一课。觉得还是不对，可以再说一次。"),
        NoticeKind.QUESTION_ANSWERED: _("打开“我的提问”看回答。"),
        NoticeKind.CERTIFICATE_ISSUED: _("打开可以下载 PDF 挂在店里，或把徽章放到别处。"),
        NoticeKind.CERTIFICATE_REVOKED: _("打开可以看原因。觉得不对，联系联盟运营。"),
        NoticeKind.ENDPOINT_OFF: _("打开可以看对方是怎么回的，改好后再开启。"),
        NoticeKind.MEMBER_JOINED: _("打开可以看全部成员。不该在的人，负责人可以移出。"),
        NoticeKind.OWNER_NAMED: _("负责人能改资料、管成员。打开可以看现在有哪些负责人。"),
        NoticeKind.OWNER_UNNAMED: _("打开可以看现在有哪些负责人。"),
        NoticeKind.APPLICATION_RECEIVED: _("打开可以看店铺情况和相近的店名，再决定通过还是婉拒。"),
        NoticeKind.APPLICATION_APPROVED: _(
            "先花 10 分钟学完第一节课，再约一次顾问，让他看看你的店。"
        ),
        NoticeKind.IDENTITY_USED_AGAIN: _(
            "你的账号没有变，也没有开新账号。不是你操作的，不用理会。"
        ),
        NoticeKind.RESET_ASKED: _("先打电话核对是本人，再生成链接发给对方。"),
        NoticeKind.NEW_SIGN_IN: _("是你本人就不用管。不是的话，打开后让那台设备退出，再改密码。"),
        NoticeKind.SIGN_IN_PAUSED: _("已经登录的设备不受影响。不是你本人的话，换一个更长的密码。"),
        NoticeKind.PASSWORD_CHANGED: _("是你本人就不用管。不是的话，马上联系联盟运营。"),
        NoticeKind.FACTOR_CHANGED: _("是你本人就不用管。不是的话，马上联系联盟运营。"),
    }
    return str(lines[kind])


def channel(value: Channel) -> str:
    """Return what a channel is called."""
    words = {
        Channel.MAIL: _("邮件"),
        Channel.DIGEST: _("每日汇总"),
        Channel.WECOM: _("企业微信群"),
        Channel.DINGTALK: _("钉钉群"),
        Channel.FEISHU: _("飞书群"),
        Channel.WEBHOOK: _("自己的系统（Webhook）"),
    }
    return str(words[value])


def state(value: DeliveryState) -> str:
    """Return what the state of a delivery is called."""
    words = {
        DeliveryState.WAITING: _("等着发"),
        DeliveryState.SENT: _("已发出"),
        DeliveryState.FAILED: _("没发成"),
        DeliveryState.SKIPPED: _("不用发"),
    }
    return str(words[value])


def skipped(value: Skipped) -> str:
    """Return why something was not sent on purpose."""
    words = {
        Skipped.NO_ADDRESS: _("没有填邮箱"),
        Skipped.NOT_WANTED: _("本人选了不发"),
        Skipped.BOUNCED: _("邮箱不存在，等本人确认"),
        Skipped.READ_BEFORE: _("发之前已经看过了"),
        Skipped.GONE: _("收件人已经离开，或者通知已经删除"),
        Skipped.NOTHING_NEW: _("没有新的消息"),
        Skipped.SUPERSEDED: _("并进了第二天的汇总"),
        Skipped.PAUSED: _("这个群或系统停用了"),
        Skipped.STALE: _("事情已经过去，或者又变了"),
    }
    return str(words[value])


def letter() -> str:
    """Return what a letter of its own words is called once these are forgotten."""
    return str(_("一封信（链接、验证等）"))


def gone() -> str:
    """Return what stands in place of somebody who is no longer there."""
    return str(_("已经离开的人"))


def tryout() -> tuple[str, str]:
    """Return title and text of the message that a member sends to try an endpoint out."""
    return str(_("试发一条")), str(_("看到这条消息，就说明设置好了。"))


def steps(value: Channel) -> list[str]:
    """Return how one gets the address of this kind of endpoint, step by step."""
    by_channel = {
        Channel.WECOM: [
            _("在企业微信的群里点右上角，选“消息推送”或“群机器人”，添加一个。"),
            _("复制它的 Webhook 地址，粘贴到下面。地址就是密码，不要发给别人。"),
        ],
        Channel.DINGTALK: [
            _("在钉钉群的设置里选“机器人”，添加“自定义”机器人。"),
            _("安全设置选“加签”，复制 SEC 开头的密钥。"),
            _("完成后复制 Webhook 地址，两样都粘贴到下面。"),
        ],
        Channel.FEISHU: [
            _("在飞书群的设置里选“群机器人”，添加“自定义机器人”。"),
            _("安全设置选“签名校验”，复制密钥。"),
            _("复制 Webhook 地址，两样都粘贴到下面。"),
        ],
        Channel.WEBHOOK: [
            _("在自己的服务器上准备一个接收 POST 的 https 地址。"),
            _("设好后取得签名密钥，按 Standard Webhooks 验证每次请求的签名。"),
        ],
    }
    return [str(each) for each in by_channel[value]]


def bad_address(value: Channel) -> str:
    """Return what is wrong with an address that cannot be one of this kind."""
    examples = {
        Channel.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
        Channel.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=…",
        Channel.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/…",
        Channel.WEBHOOK: "https://example.com/hooks/tongtu",
    }
    return str(_("地址不对，应该像 %(example)s，而且能从公网访问", example=examples[value]))
