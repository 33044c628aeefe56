"""Forms about learning: publish, answer a report, ask staff to take a course, export."""

from collections.abc import Sequence
from datetime import date, timedelta

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # new in 3.3
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal.i18n import lazy_gettext as _l
from portal.learning.rules import ReportState
from portal.typed import Form

FURTHEST = timedelta(days=366)


class Publish(Form):
    """The confirmation of what an author has looked at."""

    seen = HiddenField(validators=[InputRequired(), Regexp(r"[0-9a-f]{32}\Z")])


class Answer(Form):
    """The answer to a report about a lesson."""

    state = RadioField(
        _l("怎么处理"),
        choices=[
            SelectChoice(ReportState.MENDED.value, _l("改好了，已经发布或马上发布")),
            SelectChoice(ReportState.DECLINED.value, _l("不改，课里写的没有错")),
        ],
        validators=[InputRequired(_l("选一个处理结果"))],
    )
    text = TextAreaField(
        _l("回复"),
        validators=[
            InputRequired(_l("写一句回复，对方会收到")),
            Length(2, 300, message=_l("写 2 到 300 个字")),
        ],
    )


class Assignment(Form):
    """Which course one of the staff is asked to take, and until when."""

    course = SelectField(_l("课程"), validators=[InputRequired(_l("选一门课"))])
    due_on = DateField(_l("学完的日子"), validators=[InputRequired(_l("选一个日子"))])

    today: date

    def offer(self, courses: Sequence[tuple[str, str]], *, today: date) -> None:
        """Take up what can be chosen on the local date `today`."""
        self.course.choices = [SelectChoice(value, label) for value, label in courses]
        self.today = today

    def validate_due_on(self, field: DateField) -> None:
        """Refuse a day that has gone by, or one that nobody will think of."""
        if field.data is None or field.data < self.today:
            raise ValidationError(_l("选今天或以后的日子"))
        if field.data > self.today + FURTHEST:
            raise ValidationError(_l("选一年以内的日子"))


class Export(Form):
    """Of which days the learning records are taken away; both ends are optional."""

    since = DateField(_l("从哪天起"), validators=[Optional()])
    until = DateField(_l("到哪天为止（含当天）"), validators=[Optional()])
    names = BooleanField(_l("写上学员姓名（不选则只用编号）"))

    def validate_until(self, field: DateField) -> None:
        """Refuse an end before the beginning."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_l("结束的日子在开始之前"))
