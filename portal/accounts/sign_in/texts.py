"""Words of signing in that more than one page says."""

from collections.abc import Collection
from datetime import datetime

from portal.accounts.sign_in import passwords, rules
from portal.accounts.sign_in.passwords import Weakness
from portal.i18n import gettext as _


def wait(*, until: datetime, at: datetime) -> str:
    """Return how long a pause still lasts, and what one can do."""
    minutes, seconds = rules.wait_minutes(until=until, at=at)
    if minutes:
        return str(
            _(
                "试错太多次，请等 %(minutes)s 分 %(seconds)s 秒再试。",
                minutes=minutes,
                seconds=seconds,
            )
        )
    return str(_("试错太多次，请等 %(seconds)s 秒再试。", seconds=seconds))


def password_hint() -> str:
    """Return what a new password should be."""
    return str(
        _(
            "至少 %(shortest)s 位，越长越好。几个不相干的词连起来，又好记又难猜。",
            shortest=passwords.SHORTEST,
        )
    )


def password_problem(password: str, *, words: Collection[str]) -> str | None:
    """Return why a new password cannot be taken, None when it can.

    `words` are what others know of the person: names, shop, phone, mail.
    """
    weakness = passwords.weakness(password, words=words)
    if weakness is None:
        return None
    reasons = {
        Weakness.SHORT: _("太短了，至少要 %(shortest)s 位", shortest=passwords.SHORTEST),
        Weakness.LONG: _("太长了，最多 %(longest)s 位", longest=passwords.LONGEST),
        Weakness.LISTED: _("这个密码在外泄的密码名单里，别人最先试的就是它。请换一个"),
        Weakness.GUESSABLE: _("里面大半是你的名字、店名、电话这类别人猜得到的内容。请换一个"),
    }
    return str(reasons[weakness])
