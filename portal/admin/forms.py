"""Forms of operators' pages: shape and length."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.typed import Form

MAX_REASON = 300


def _plain(text: str | None) -> str | None:
    """Return the text trimmed, with plain line ends and without zero bytes."""
    return text.replace("\r\n", "\n").replace("\0", "").strip() if text else text


class GiveUp(Form):
    """Why a job is not tried any more."""

    reason = TextAreaField(
        _l("为什么放弃"),
        filters=[_plain],
        validators=[
            DataRequired(_l("请写下原因，以后查得到")),
            Length(max=MAX_REASON, message=_l("最多 300 个字")),
        ],
    )
