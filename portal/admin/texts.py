"""The words of operators' pages."""

from portal.i18n import gettext as _
from portal.outbox.rules import Pile


def pile(of: Pile) -> str:
    """Return what a pile of jobs is called."""
    words = {
        Pile.FAILED: _("没有做成"),
        Pile.RUNNING: _("正在做"),
        Pile.WAITING: _("等着做"),
        Pile.DONE: _("做完的"),
        Pile.GIVEN_UP: _("已放弃"),
    }
    return str(words[of])


def nothing_there(of: Pile) -> tuple[str, str]:
    """Return what an empty pile means: a headline and a sentence."""
    words = {
        Pile.FAILED: (_("没有要处理的任务"), _("试过几次仍没有做成的任务会出现在这里。")),
        Pile.RUNNING: (_("现在没有任务在做"), _("新的任务几秒钟内就会开始。")),
        Pile.WAITING: (_("没有任务在排队"), _("定期任务由工作进程排进来。")),
        Pile.DONE: (_("还没有做完的任务"), _("做完的任务保留 30 天。")),
        Pile.GIVEN_UP: (_("没有放弃过任务"), _("放弃的任务和原因保留 30 天。")),
    }
    title, text = words[of]
    return str(title), str(text)
