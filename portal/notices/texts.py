"""The words of each kind of notice."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal import i18n
from portal.i18n import gettext as _
from portal.notices.rules import NoticeKind


def text(kind: NoticeKind, params: Mapping[str, Any]) -> str:
    """Return a notice's sentence in the request's language.

    `params` are the values that the kind's sentence names; a missing one is shown as empty.
    `starts_at` (an ISO instant) and `month_on` (an ISO date) stand before `when` and `month`,
    which are texts: who is told may read another language than who caused the notice.
    """
    values = {"title": "", "who": "", "when": "", "month": "", **params}
    if "starts_at" in params:
        values["when"] = i18n.moment(datetime.fromisoformat(params["starts_at"]))
    if "month_on" in params:
        values["month"] = i18n.month(date.fromisoformat(params["month_on"]))
    sentences = {
        NoticeKind.BOOKING_MADE: _("%(who)s 约好了 %(when)s 的会谈", **values),
        NoticeKind.BOOKING_CANCELLED: _("%(when)s 的会谈取消了", **values),
        NoticeKind.FEEDBACK_LINKED: _("供应商已经开始处理你反馈的“%(title)s”", **values),
        NoticeKind.FEEDBACK_ANSWERED: _("供应商回复了你反馈的“%(title)s”", **values),
        NoticeKind.FEEDBACK_SHIPPED: _("你反馈的“%(title)s”已经改好上线", **values),
        NoticeKind.FEEDBACK_DECLINED: _("供应商说明了暂时不改“%(title)s”的原因", **values),
        NoticeKind.SESSION_NOTE: _("%(who)s 写好了会谈记录", **values),
        NoticeKind.REPORT_READY: _("%(month)s的增长报告出来了", **values),
    }
    return str(sentences[kind])
