"""The words of the record: what was done, as the middle of a sentence that begins with who did it.

Every writing endpoint, every kind of job and every action that `actions.record` is called with has
its words here; a test fails for a route without any.
"""

from collections.abc import Mapping
from typing import Any

from portal.evidence.rules import ERASED
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

# Lazy texts: they are translated when they are shown.
DONE: Mapping[str, Any] = {
    # signing in, and the account
    "accounts.act_as": _l("换了身份"),
    "accounts.choose_language": _l("换了界面语言"),
    "sign_in.succeeded": _l("登录了"),
    "sign_in.failed": _l("登录失败"),
    "sign_in.paused": _l("因多次登录失败被暂停登录"),
    "sign_in.signed_out": _l("退出了登录"),
    "sign_in.device_ended": _l("让一台设备退出了登录"),
    "sign_in.password_changed": _l("改了密码"),
    "sign_in.password_set": _l("用链接重设了密码"),
    "sign_in.recovery_code_used": _l("用恢复码登录了"),
    "sign_in.authenticator.added": _l("启用了验证器"),
    "sign_in.authenticator.removed": _l("停用了验证器"),
    "sign_in.recovery_codes.renewed": _l("换了恢复码"),
    "sign_in.passkey.added": _l("添加了通行密钥"),
    "sign_in.passkey.removed": _l("删除了通行密钥"),
    "sign_in.ended_by_operator": _l("让一个人的设备都退出了登录"),
    "sign_in.factors_reset": _l("重置了一个人的两步验证"),
    "command.reset-second-factor": _l("重置了一个人的两步验证"),
    "security.end_sessions_of": _l("让一个人的设备都退出了登录"),
    "security.reset_factors_of": _l("重置了一个人的两步验证"),
    "job.sign_in.purge": _l("清理了过期的登录"),
    "reset.link_given": _l("发出了重设密码的链接"),
    "account.name": _l("改了自己的名字"),
    "account.phone": _l("要用验证码确认手机号"),
    "account.phone_code": _l("用验证码确认了手机号"),
    "account.mail": _l("改了自己的邮箱"),
    "security.login": _l("登录了"),
    "security.logout": _l("退出了登录"),
    "security.second_step": _l("做了两步验证"),
    "security.verify": _l("重新验证了身份"),
    "security.password": _l("改了密码"),
    "security.end_device": _l("让一台设备退出了登录"),
    "security.end_other_devices": _l("让其他设备都退出了登录"),
    "security.start_authenticator": _l("开始设置验证器"),
    "security.authenticator": _l("启用了验证器"),
    "security.remove_authenticator": _l("停用了验证器"),
    "security.recovery_codes": _l("换了恢复码"),
    "security.passkey_sign_in_options": _l("要用通行密钥登录"),
    "security.passkey_sign_in": _l("登录了"),
    "security.passkey_second_options": _l("要用通行密钥做两步验证"),
    "security.passkey_second": _l("做了两步验证"),
    "security.passkey_verify_options": _l("要用通行密钥重新验证身份"),
    "security.passkey_verify": _l("重新验证了身份"),
    "security.passkey_options": _l("开始添加通行密钥"),
    "security.add_passkey": _l("添加了通行密钥"),
    "security.remove_passkey": _l("删除了通行密钥"),
    # members and organisations
    "joining.apply": _l("申请加入联盟"),
    "joining.forgot": _l("请求重设密码"),
    "links.join": _l("接受了邀请"),
    "links.join_as_me": _l("接受了邀请"),
    "links.set_password": _l("用链接重设了密码"),
    "links.confirm": _l("确认了邮箱"),
    "members.create": _l("添加了组织"),
    "members.profile": _l("改了组织资料"),
    "members.standing": _l("停用了组织"),
    "members.reopen": _l("恢复了组织"),
    "members.invite": _l("发出了邀请"),
    "members.send_again": _l("重发了邀请"),
    "members.withdraw": _l("撤回了邀请"),
    "members.make_owner": _l("把成员设为负责人"),
    "members.make_member": _l("取消了成员的负责人身份"),
    "members.remove": _l("移除了成员"),
    "members.phone": _l("改了成员的手机号"),
    "members.approve": _l("通过了加入申请"),
    "members.decline": _l("拒绝了加入申请"),
    "members.give_link": _l("发出了重设密码的链接"),
    "members.dismiss_reset": _l("驳回了重设密码的请求"),
    "organisation.profile": _l("改了组织资料"),
    "organisation.invite": _l("发出了邀请"),
    "organisation.send_again": _l("重发了邀请"),
    "organisation.withdraw": _l("撤回了邀请"),
    "organisation.make_owner": _l("把成员设为负责人"),
    "organisation.make_member": _l("取消了成员的负责人身份"),
    "organisation.remove": _l("移除了成员"),
    "organisation.hand_over": _l("把负责人移交给了别人"),
    "organisation.leave": _l("退出了组织"),
    "home.close_own": _l("关闭了组织"),
    "home.close_organisation": _l("关闭了组织"),
    # booking and sessions
    "booking.add_day_off": _l("加了休息日"),
    "booking.approve": _l("确认了店里想约的会谈"),
    "booking.book": _l("预约了会谈"),
    "booking.cancel": _l("取消了预约"),
    "booking.choose_confirming": _l("改了新预约要不要先确认"),
    "booking.decline": _l("婉拒了店里想约的会谈"),
    "booking.exchange_with": _l("对调了两场会谈的时间"),
    "booking.hold": _l("先留了一个时间"),
    "booking.move_to": _l("把会谈改了期"),
    "booking.offer": _l("开通或改了顾问的预约"),
    "booking.remove_day_off": _l("删了休息日"),
    "booking.save_hours": _l("改了每周排班"),
    "rounds.ask": _l("报名了顾问名额"),
    "rounds.withdraw": _l("撤回了顾问名额的报名"),
    "rounds.open_round": _l("开了一轮顾问名额"),
    "rounds.close": _l("截止了顾问名额的报名"),
    "rounds.publish": _l("公布了顾问名额"),
    "rounds.cancel": _l("取消了一轮顾问名额"),
    "booking.add_journey": _l("加了出差"),
    "booking.edit_kind": _l("改了会谈种类"),
    "booking.fill_holidays": _l("填入了一年的节假日"),
    "booking.new_kind": _l("加了会谈种类"),
    "booking.remove_date": _l("去掉了另排时间的日子"),
    "booking.remove_holiday": _l("去掉了节假日"),
    "booking.remove_journey": _l("去掉了出差"),
    "booking.rhythm": _l("改了会谈间隔和上限"),
    "booking.set_date": _l("给某一天另排了时间"),
    "booking.set_holidays": _l("改了节假日"),
    "coaching.call_off": _l("取消了会谈"),
    "coaching.mark_done": _l("把会谈记为完成"),
    "coaching.mark_no_show": _l("把会谈记为未到场"),
    "coaching.write_note": _l("写了会谈记录"),
    # feedback and tickets
    "feedback.answer": _l("回复了反馈"),
    "feedback.assign": _l("把反馈转给了供应商"),
    "feedback.create": _l("提了反馈"),
    "feedback.decline": _l("说明了反馈暂不处理的原因"),
    "tickets.add_feedback": _l("把反馈并入了工单"),
    "tickets.create": _l("建了工单"),
    "tickets.move": _l("改了工单的状态"),
    "tickets.release_new": _l("发布了改进"),
    # courses
    "notes.change": _l("改了一条笔记"),
    "notes.delete": _l("删了一条笔记"),
    "notes.restore": _l("找回了一条笔记"),
    "notes.write": _l("写了一条笔记"),
    "practice.again": _l("又领了一次行动项"),
    "practice.close": _l("报了行动项完成"),
    "practice.drop": _l("放下了行动项"),
    "practice.take_on": _l("领了行动项"),
    "practice.undo": _l("撤回了行动项的完成"),
    "answering.answer": _l("回答了学员的提问"),
    "answering.change": _l("改了对学员提问的回答"),
    "questions.ask": _l("问了课程作者一个问题"),
    "questions.withdraw": _l("撤回了问课程作者的问题"),
    "review.answer": _l("答了一道复习题"),
    "learning.answer": _l("交了测验"),
    "learning.enrol": _l("报名了课程"),
    "learning.note_change": _l("看过了课程的更新"),
    "learning.report": _l("报告了课程里的错误"),
    "learning.watched": _l("看了课程视频"),
    "learning.open_lesson": _l("打开了课时"),
    "learning.read": _l("读完了课时"),
    "learning.renew": _l("换到了课程的新版本"),
    "certificates.choose_name": _l("改了证书查验页上的姓名"),
    "certificates.claim": _l("领取了证书"),
    "certificates.issue_anew": _l("签发了新证书"),
    "certificates.revoke": _l("撤销了证书"),
    "certificates.key_rotated": _l("换了证书的签名密钥"),
    "command.certificates.issue-missing": _l("补发了证书"),
    "command.certificates.rotate-key": _l("换了证书的签名密钥"),
    "job.learning.completed": _l("签发了证书"),
    "command.publish-courses": _l("发布了课程"),
    "teaching.publish": _l("发布了课程"),
    "teaching.answer": _l("回复了读者指出的课程错误"),
    "team.assign": _l("给店员安排了课程"),
    "team.withdraw": _l("取消了安排的课程"),
    "cohorts.records": _l("导出了学习记录"),
    "command.restore": _l("用备份恢复了门户"),
    "backup.restored": _l("用备份恢复了门户"),
    # notices
    "notices.follow": _l("看了通知"),
    "notices.choose": _l("改了通知设置"),
    "notices.send_again": _l("让一封没送达的信重发"),
    "notices.stop_mails": _l("退订了邮件"),
    "notices.try_address_again": _l("让退信的邮箱重新收信"),
    "notices.read_all": _l("把通知全部标为已读"),
    "notices.add_endpoint": _l("加了接收通知的群或系统"),
    "notices.change_endpoint": _l("改了接收通知的群或系统"),
    "notices.new_endpoint_secret": _l("换了 Webhook 的签名密钥"),
    "notices.remove_endpoint": _l("删除了接收通知的群或系统"),
    "notices.send_again_to_endpoint": _l("让一条没送达的消息重发"),
    "notices.try_endpoint": _l("给群或系统试发了一条"),
    "notices.turn_endpoint": _l("开启或停用了接收通知的群或系统"),
    # calendars
    "calendars.renew_feed": _l("生成了日历订阅链接"),
    "calendars.mask_feed": _l("改了日历订阅写什么"),
    "calendars.remove_feed": _l("停用了日历订阅链接"),
    "calendars.add_source": _l("连上了自己的日历"),
    "calendars.refresh_source": _l("让自己的日历重读一次"),
    "calendars.remove_source": _l("删除了自己的日历"),
    # order imports and reports
    "reporting.start": _l("开始生成增长报告"),
    "sales.confirm": _l("确认了订单导入"),
    "sales.create": _l("上传了订单文件"),
    "sales.discard": _l("放弃了订单导入"),
    "job.orders.expire": _l("清理了没有确认的订单文件"),
    "job.orders.import": _l("导入了订单"),
    "job.orders.remove_upload": _l("删除了用完的订单文件"),
    "job.orders.sweep_uploads": _l("删除了没有登记的订单文件"),
    "job.reports.build": _l("生成了增长报告"),
    # jobs
    "admin.confirm_give_up": _l("放弃了一个任务"),
    "admin.try_again": _l("让一个任务重试"),
    # one's own data
    "privacy.copy_own": _l("要了一份自己的数据"),
    "privacy.copy_organisation": _l("要了一份组织的数据"),
    "privacy.requests": _l("为别人要了一份数据"),
    "privacy.delete": _l("申请注销账号"),
    "privacy.keep": _l("撤销了注销"),
    "privacy.person_erased": _l("注销了账号"),
    "job.privacy.export": _l("整理了数据副本"),
    "job.privacy.expire_copies": _l("删除了过期的数据副本"),
    # the record itself
    "evidence.export": _l("导出了操作记录"),
    ERASED: _l("清除了操作记录里的个人信息"),
}


def done(action: str) -> str:
    """Return what was done, e.g. 取消了预约; an action without words is shown as it is named."""
    return str(DONE.get(action, action))


def choices() -> list[tuple[str, str]]:
    """Return every wording once, each with one action that it stands for, in their order."""
    by_words: dict[str, str] = {}
    for action, words in DONE.items():
        by_words.setdefault(str(words), action)
    return [(action, words) for words, action in by_words.items()]


def alike(action: str) -> set[str]:
    """Return every action that is told in the same words as this one."""
    words = done(action)
    return {action, *(each for each, told in DONE.items() if str(told) == words)}


def subject(kind: str | None, of: str | None) -> str:
    """Return which record it was about, e.g. 预约 kf3m; empty when none was named.

    `of` is its number or name. A kind without words is shown as it is named.
    """
    if kind is None:
        return ""
    value = of or ""
    words = {
        "booking": _("预约 %(id)s", id=value),
        "certificates": _("课程 %(id)s", id=value),
        "coaching": _("会谈 %(id)s", id=value),
        "feedback": _("反馈 %(id)s", id=value),
        "import": _("订单导入 %(id)s", id=value),
        "job": _("任务 %(id)s", id=value),
        "learning": _("课程 %(id)s", id=value),
        "practice": _("行动项 %(id)s", id=value),
        "membership": _("成员身份 %(id)s", id=value),
        "notice": _("通知 %(id)s", id=value),
        "number": _("证书 %(id)s", id=value),
        "organisation": _("组织：%(id)s", id=value),
        "person": _("对象：%(id)s", id=value),
        "sales": _("订单导入 %(id)s", id=value),
        "session": _("设备 %(id)s", id=value),
        "teaching": _("课程 %(id)s", id=value),
        "team": _("店员 %(id)s", id=value),
        "tickets": _("工单 %(id)s", id=value),
        "time_off": _("休息日 %(id)s", id=value),
        "journey": _("出差 %(id)s", id=value),
        "kind": _("会谈种类 %(id)s", id=value),
    }
    return str(words.get(kind, f"{kind} {value}")).strip()


def actor(*, name: str | None, role: str | None) -> str:
    """Return who it was: a person's name, else what stands in for one."""
    if name is not None:
        return name
    words = {"system": _("后台程序"), "command": _("命令行")}
    return str(words.get(role or "") or _("未登录的访客"))


def sentence(*, who: str, action: str) -> str:
    """Return an entry as a sentence, e.g. 文静取消了预约."""
    return str(_("%(who)s %(done)s", who=who, done=done(action)))


def change(kind: str) -> str:
    """Return what happened to a row: added, changed or deleted."""
    words = {"insert": _("新增了"), "update": _("修改了"), "delete": _("删除了")}
    return str(words.get(kind, kind))
