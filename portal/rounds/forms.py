"""Forms of rounds: what an operator declares, what a shop asks for."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    IntegerField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal import clock
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.rounds.actions import Declared
from portal.rounds.rules.states import LONGEST_DAYS, MOST_CAP, TOPIC_LENGTH
from portal.typed import Form


def _percent(label: str, default: int) -> IntegerField:
    message = _l("填 0 到 100 的整数")
    return IntegerField(
        label,
        default=default,
        validators=[InputRequired(message), NumberRange(min=0, max=100, message=message)],
    )


class Opening(Form):
    """What is declared before anybody asks."""

    first_day = DateField(_l("从哪天"), validators=[DataRequired(_l("请选一个日期"))])
    last_day = DateField(_l("到哪天"), validators=[DataRequired(_l("请选一个日期"))])
    closes_at = DateTimeLocalField(
        _l("报名截止"), format="%Y-%m-%dT%H:%M", validators=[DataRequired(_l("请选截止时间"))]
    )
    cap = IntegerField(
        _l("每家店最多几场"),
        default=1,
        validators=[
            InputRequired(_l("填 1 到 3 的整数")),
            NumberRange(min=1, max=MOST_CAP, message=_l("填 1 到 3 的整数")),
        ],
    )
    small_percent = _percent(_l("留给新店小店的名额（%）"), 20)
    lottery_percent = _percent(_l("抽签决定的名额（%）"), 20)

    @classmethod
    def of_week(cls, today: date) -> "Opening":
        """Return the form filled in for the week after next Monday, closing two days before it."""
        monday = today + timedelta(days=7 - today.weekday())
        if (monday - today).days < 3:
            monday += timedelta(days=7)
        closes = datetime.combine(monday - timedelta(days=3), datetime.min.time()).replace(hour=18)
        return cls(
            formdata=None,
            data={"first_day": monday, "last_day": monday + timedelta(days=6), "closes_at": closes},
        )

    def validate_last_day(self, field: Field) -> None:
        """Refuse days in the wrong order, and too many of them."""
        first = self.first_day.data
        if first and field.data and field.data < first:
            raise ValidationError(_("结束日期不能早于开始日期"))
        if first and field.data and (field.data - first).days >= LONGEST_DAYS:
            raise ValidationError(_("一轮最多 %(days)s 天", days=LONGEST_DAYS))

    def validate_closes_at(self, field: Field) -> None:
        """Refuse an end that is over, or so late that the hours begin before it."""
        if field.data is None:
            return
        closes = field.data.replace(tzinfo=clock.zone())
        if closes <= clock.now():
            raise ValidationError(_("这个时间已经过了"))
        first = self.first_day.data
        if first and closes.date() >= first:
            raise ValidationError(_("要在开始日期之前截止，好给大家留出准备的时间"))

    def declared(self) -> Declared:
        """Return what was filled in; only after validation."""
        first, last, closes = self.first_day.data, self.last_day.data, self.closes_at.data
        assert first  # noqa: S101 – each is required above
        assert last  # noqa: S101 – as above
        assert closes  # noqa: S101 – as above
        return Declared(
            first_day=first,
            last_day=last,
            closes_at=closes.replace(tzinfo=clock.zone()),
            cap=self.cap.data or 1,
            small_bps=100 * (self.small_percent.data or 0),
            lottery_bps=100 * (self.lottery_percent.data or 0),
        )


class Asking(Form):
    """The hours that suit a shop, and what it wants to talk about."""

    hours = SelectMultipleField(
        _l("合适的时段"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[DataRequired(_l("至少勾一个时段，勾得越多越容易排上"))],
    )
    topic = TextAreaField(
        _l("想聊什么"),
        validators=[
            DataRequired(_l("写一句想聊什么，顾问好提前准备")),
            Length(max=TOPIC_LENGTH, message=_l("请控制在 300 字以内")),
        ],
    )

    def __init__(self, *, hour_ids: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hours.choices = [(each, "") for each in hour_ids]
