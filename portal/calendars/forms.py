"""Forms: what a feed tells, and one's own calendar elsewhere."""

from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from portal.calendars.rules import SourceKind
from portal.i18n import lazy_gettext as _l
from portal.notices.endpoints.targets import LONGEST_URL
from portal.typed import Form


class Feed(Form):
    """What a feed tells whoever has its address."""

    hides_details = BooleanField(_l("只写“会谈”和时间，不写和谁谈、谈什么"))


class NewSource(Form):
    """A calendar that is behind one address."""

    name = StringField(
        _l("名称"),
        validators=[
            DataRequired(_l("起个名字，方便自己认")),
            Length(max=40, message=_l("请控制在 40 字以内")),
        ],
    )
    url = StringField(
        _l("日历地址"),
        validators=[
            DataRequired(_l("粘贴日历的地址")),
            Length(max=LONGEST_URL, message=_l("地址太长了")),
        ],
    )


class NewAccount(NewSource):
    """A calendar on a server that asks who one is."""

    user = StringField(
        _l("用户名"),
        validators=[DataRequired(_l("填写用户名")), Length(max=200, message=_l("用户名太长了"))],
    )
    password = PasswordField(
        _l("密码"),
        validators=[DataRequired(_l("填写密码")), Length(max=200, message=_l("密码太长了"))],
    )


def new_source_form(kind: SourceKind) -> NewSource:
    """Return the form for this kind of source."""
    return NewAccount() if kind is SourceKind.CALDAV else NewSource()
