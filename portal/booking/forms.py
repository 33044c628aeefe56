"""Forms of the booking room: a booking, its cancellation, weekly hours, a day off."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, Field, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from portal.booking import texts
from portal.booking.rules import hours, sessions, slots
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.typed import Form

TOPIC_LENGTH = 500
LESSON_ID = r"[a-z0-9\-]{1,79}/[a-z0-9\-]{1,80}\Z"
LARGEST_ID = 2**31 - 1


class NewBooking(Form):
    """What a dealer says when confirming a time."""

    consultant = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1, max=LARGEST_ID)])
    starts = StringField(_l("时间"), validators=[DataRequired(_l("请选一个时间"))])
    lesson = StringField(  # the lesson whose quiz they are stuck in
        widget=HiddenInput(), validators=[Optional(), Regexp(LESSON_ID)]
    )
    topic = TextAreaField(
        _l("想聊什么"),
        validators=[
            DataRequired(_l("写一句想聊什么，顾问好提前准备")),
            Length(max=TOPIC_LENGTH, message=_l("请控制在 500 字以内")),
        ],
    )

    def validate_starts(self, field: Field) -> None:
        """Refuse what is no start, e.g. an address cut off in a chat."""
        if field.data and sessions.start_from_address(field.data) is None:
            raise ValidationError(_("请选一个时间"))


class Cancellation(Form):
    """Why a dealer cancels."""

    reason = StringField(
        _l("取消原因"),
        validators=[Length(max=300, message=_l("请控制在 300 字以内"))],
    )


class DayOff(Form):
    """A day on which a consultant receives nobody."""

    day = DateField(_l("日期"), validators=[DataRequired(_l("请选一个日期"))])
    reason = StringField(
        _l("备注"),
        validators=[Optional(), Length(max=120, message=_l("请控制在 120 字以内"))],
    )


def _begins(weekday: int, number: int) -> str:
    return f"begins_{weekday}_{number}"


def _ends(weekday: int, number: int) -> str:
    return f"ends_{weekday}_{number}"


class WeeklyHours(Form):
    """Up to three windows a weekday, each a beginning and an end such as 09:30 (fields below)."""

    def __init__(self, *, session_minutes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._session_minutes = session_minutes
        self.windows: list[slots.Window] = []  # after validation

    def pairs(self, weekday: int) -> list[tuple[Field, Field]]:
        """Return the fields of a weekday's windows: beginning and end."""
        return [
            (self[_begins(weekday, number)], self[_ends(weekday, number)])
            for number in range(hours.WINDOWS_A_DAY)
        ]

    def show(self, windows: Sequence[slots.Window]) -> None:
        """Fill the fields with saved windows."""
        for weekday in range(7):
            of_day = [each for each in windows if each.weekday == weekday]
            for (begins, ends), window in zip(self.pairs(weekday), of_day, strict=False):
                begins.data = hours.clock_text(window.starts_minute)
                ends.data = hours.clock_text(window.ends_minute)

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the windows and let the rules judge; a day's problem stands at its first field."""
        valid = bool(super().validate(extra_validators))
        self.windows = []
        problems: dict[int, hours.Problem] = {}
        for weekday in range(7):
            typed = [(begins.data or "", ends.data or "") for begins, ends in self.pairs(weekday)]
            try:
                self.windows += hours.read_day(weekday=weekday, typed=typed)
            except hours.BadHours as refused:
                problems.update(refused.problems)
        try:
            hours.check(windows=self.windows, session_minutes=self._session_minutes)
        except hours.BadHours as refused:
            problems.update(refused.problems)
        for weekday, problem in problems.items():
            message = texts.hours_problem(problem, session_minutes=self._session_minutes)
            self.pairs(weekday)[0][0].errors = [message]
        return valid and not problems


for _weekday in range(7):
    for _number in range(hours.WINDOWS_A_DAY):
        setattr(WeeklyHours, _begins(_weekday, _number), StringField(_l("开始")))
        setattr(WeeklyHours, _ends(_weekday, _number), StringField(_l("结束")))
