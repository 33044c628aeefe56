"""Forms of certificates: what strangers see, why one is revoked."""

from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # new in 3.3
from wtforms.validators import DataRequired, InputRequired, Length

from portal.certificates.rules import REASON_CHARS
from portal.i18n import lazy_gettext as _l
from portal.typed import Form


class Name(Form):
    """Whether the page for everybody shows the whole name."""

    shows = RadioField(
        _l("查验页上的姓名"),
        choices=[
            SelectChoice("masked", _l("只显示一部分")),
            SelectChoice("whole", _l("显示全名")),
        ],
        validators=[InputRequired(_l("选一种显示方式"))],
    )

    @property
    def is_whole(self) -> bool:
        """Whether the whole name was chosen."""
        return str(self.shows.data) == "whole"


class Revoke(Form):
    """Why a certificate holds no more."""

    reason = TextAreaField(
        _l("撤销的原因"),
        validators=[
            DataRequired(_l("请写下原因，查验证书的人会看到")),
            Length(max=REASON_CHARS, message=_l("最多 300 个字")),
        ],
    )
