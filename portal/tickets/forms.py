"""Forms of tickets and releases: shape and length; what a step needs is decided in rules."""

from typing import Any

from wtforms import DateField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.typed import Form

MAX_TITLE, MAX_TEXT, MAX_NOTES = 60, 2000, 8000


class Day(DateField):
    """A local date, with a message of our own when it is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the date; raise ValueError with our words."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("日期请写成 2026-11-22 这样")) from error


class NewTicket(Form):
    """What a supplier writes when a ticket is opened."""

    title = StringField(
        _l("工单标题"),
        validators=[
            DataRequired(_l("请写标题")),
            Length(max=MAX_TITLE, message=_l("最多 %(most)s 个字", most=MAX_TITLE)),
        ],
    )
    description = TextAreaField(
        _l("内部说明"),
        validators=[
            Optional(),
            Length(max=MAX_TEXT, message=_l("最多 %(most)s 个字", most=MAX_TEXT)),
        ],
    )


class Step(Form):
    """The words that go with a step; whether there must be some is for rules to say."""

    text = TextAreaField(
        _l("写给渠道商的话"),
        validators=[
            Optional(),
            Length(max=MAX_TEXT, message=_l("最多 %(most)s 个字", most=MAX_TEXT)),
        ],
    )


class NewRelease(Form):
    """What a supplier announces, and which tickets it settles (their public ids)."""

    # Which tickets may be chosen is checked when they are shipped, with our own message.
    tickets = SelectMultipleField(
        _l("这次解决了哪些工单"),
        validators=[InputRequired(_l("请至少选一个工单"))],
        validate_choice=False,
    )
    title = StringField(
        _l("发布标题"),
        validators=[
            DataRequired(_l("请写标题")),
            Length(max=MAX_TITLE, message=_l("最多 %(most)s 个字", most=MAX_TITLE)),
        ],
    )
    notes = TextAreaField(
        _l("发布说明"),
        validators=[
            DataRequired(_l("请写说明，渠道商照着它用新功能")),
            Length(max=MAX_NOTES, message=_l("最多 %(most)s 个字", most=MAX_NOTES)),
        ],
    )
    released_on = Day(_l("上线日期"), validators=[InputRequired(_l("请填写上线日期"))])
