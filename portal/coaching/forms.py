"""The consultant's forms: the note of a session, and calling one off."""

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from portal.i18n import lazy_gettext as _l
from portal.typed import Form


class Note(Form):
    """What was talked about and agreed; `version` guards against two tabs."""

    text = TextAreaField(
        _l("给渠道商看的记录"),
        validators=[
            DataRequired(_l("写一两句也好：聊了什么，说好做什么")),
            Length(max=4000, message=_l("最多 4,000 字")),
        ],
    )
    private_text = TextAreaField(
        _l("只给顾问看"), validators=[Length(max=4000, message=_l("最多 4,000 字"))]
    )
    version = HiddenField(validators=[Regexp(r"^[0-9]{1,6}$")], default="0")


class CallOff(Form):
    """Why a consultant calls a session off."""

    reason = StringField(
        _l("原因，会告诉渠道商"),
        validators=[
            DataRequired(_l("请写一句原因")),
            Length(max=300, message=_l("最多 300 字")),
        ],
    )
