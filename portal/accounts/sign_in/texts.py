"""Words of signing in that more than one page says."""

from datetime import datetime

from portal.accounts.sign_in import rules
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
