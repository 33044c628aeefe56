"""Forms: typing one's name before the account is deleted, and whose data an operator wants."""

from typing import Any

from wtforms import StringField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.typed import Form


class DeleteAccount(Form):
    """The person's name, typed out, so that nobody deletes an account by a slip."""

    name = StringField(
        _l("输入你的姓名确认"), validators=[DataRequired(_l("请输入你的姓名")), Length(max=80)]
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        """Take the name that has to be typed."""
        super().__init__(*args, **kwargs)
        self._expected = expected

    def validate_name(self, field: StringField) -> None:
        """Refuse any other name."""
        if (field.data or "").strip() != self._expected:
            raise ValidationError(_("和账号的姓名不一样"))


class WhoseCopy(Form):
    """A phone number, a mail address, or an organisation's full name."""

    whose = StringField(
        _l("手机号、邮箱或组织全名"),
        validators=[DataRequired(_l("请填写要导出谁的数据")), Length(max=255)],
    )
