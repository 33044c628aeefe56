"""The words of the ledger: what each kind of job does, how far it is, why it failed.

A new kind gets its words here; a test compares them with the kinds that the worker knows.
"""

from portal.i18n import gettext as _
from portal.outbox import rules


def kind(of: str) -> str:
    """Return what a kind of job does; a kind that has no words is shown as it is named."""
    words = {
        "reports.build": _("生成增长报告"),
        "orders.import": _("导入订单"),
        "orders.remove_upload": _("删除用完的订单文件"),
        "evidence.forget_details": _("清除两年前操作记录里的个人信息"),
        "evidence.log_head": _("把操作记录的链头写进日志"),
        "idempotency.purge": _("清理过期的提交记录"),
        "booking.remind": _("提醒快到的会谈"),
        "calendars.import_due": _("安排读取顾问自己的日历"),
        "calendars.import": _("读取一个顾问自己的日历"),
        "notices.digest": _("开始发每日汇总"),
        "notes.purge": _("清除删掉 30 天的笔记"),
        "notices.purge": _("清理 90 天前的发送记录"),
        "notices.send": _("发一封邮件或一条消息"),
        "notices.tell": _("决定一条通知发给谁"),
        "learning.completed": _("签发证书"),
        "orders.expire": _("清理没有确认的订单文件"),
        "accounts.send_code": _("发手机验证码"),
        "sign_in.purge": _("清理过期的登录"),
        "practice.close": _("按订单核对行动项"),
        "practice.daily": _("每天核对行动项，提醒快到期的"),
        "practice.remove_picture": _("删除撤回的照片"),
        "booking.end_unanswered": _("结束没人确认的预约"),
        "rounds.announce": _("通知渠道商报名顾问名额"),
        "rounds.decide": _("分配顾问名额"),
        "rounds.publish": _("按分配结果预约"),
        "review.remind": _("提醒今天有复习的人"),
        "privacy.delete_due": _("注销到期的账号"),
        "privacy.expire_copies": _("删除过期的数据副本"),
        "privacy.export": _("整理数据副本"),
        "orders.sweep_uploads": _("删除没有登记的订单文件"),
        "outbox.purge": _("清理 30 天前的任务记录"),
    }
    return str(words.get(of, of))


def progress(of: str, *, done: int, total: int) -> str:
    """Return how far a running job is, in one sentence; `total` 0 while nobody knows it."""
    if not total:
        return str(_("正在计算各家的数字。") if of == "reports.build" else _("正在处理。"))
    if of == "orders.import" and done >= total:
        return str(_("%(rows)s 行都核对过了，正在写入。", rows=f"{total:,}"))
    values = {"done": f"{done:,}", "total": f"{total:,}"}
    words = {
        "reports.build": _("已完成 %(done)s / %(total)s 家。", **values),
        "orders.import": _("已核对 %(done)s / %(total)s 行。", **values),
    }
    return str(words.get(of) or _("已完成 %(done)s / %(total)s。", **values))


def error(of: str | None) -> tuple[str, str]:
    """Return why a try failed in words, and the technical line behind it ("" where there is none).

    `of` is what the ledger wrote down: one of our own codes, or an exception in one line.
    """
    if of is None:
        return "", ""
    own = {
        rules.UNKNOWN_KIND: _("这个版本的程序不认识这种任务。升级或回退之后再试。"),
        rules.WORKER_LOST: _("处理它的进程每次都中途退出，可能是内存不够。先看服务器的日志。"),
    }
    if of in own:
        return str(own[of]), ""
    signs = (
        ("ClusterUnavailable", _("生成报告的集群用不了。检查集群是否在运行、版本是否一致。")),
        ("[Errno 28]", _("磁盘满了。清出空间后再试。")),
        ("[Errno 13]", _("文件没有读写权限。检查数据目录的权限后再试。")),
        ("[Errno 2]", _("要用的文件不见了。")),
        ("OperationalError", _("数据库没有应答。确认数据库正常后再试。")),
        ("MemoryError", _("内存不够。")),
        ("TimeoutError", _("对方太久没有应答。稍后再试。")),
        ("ConnectionRefusedError", _("连不上对方的服务。稍后再试。")),
    )
    words = next((text for sign, text in signs if sign in of), None)
    return str(words or _("程序没有做成。把下面这一行发给技术人员。")), of
