"""The form of a quiz: its own key, and fields that depend on the questions asked."""

from flask import request
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Regexp

from portal.i18n import lazy_gettext as _l
from portal.learning.actions import Answers
from portal.typed import Form

MAX_QUESTIONS = 100
MIN_REPORT, MAX_REPORT = 5, 1000
A_DAY_S = 86_400


class Attempt(Form):
    """One attempt at a quiz; the questions' fields are read by the course engine."""

    key = StringField(validators=[DataRequired(), Regexp(r"[A-Za-z0-9_-]{16,64}\Z")])

    def answers(self) -> Answers:
        """Return what was sent."""
        return Answers(
            key=self.key.data or "",
            asked=tuple(request.form.getlist("asked")[:MAX_QUESTIONS]),
            values=request.form.to_dict(flat=False),
        )


class Position(Form):
    """How far somebody watched a film; sent by the page's script."""

    seconds = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=A_DAY_S)])


class LessonReport(Form):
    """What is wrong or out of date in a lesson."""

    text = TextAreaField(
        _l("哪里写错或过时"),
        validators=[
            DataRequired(_l("请写下哪里不对")),
            Length(
                min=MIN_REPORT,
                max=MAX_REPORT,
                message=_l("请写 %(least)s 到 %(most)s 个字", least=MIN_REPORT, most=MAX_REPORT),
            ),
        ],
    )
