"""Forms of the booking room: a booking and its cancellation; hours, holidays, kinds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)
from wtforms.widgets import HiddenInput

from portal.booking import texts
from portal.booking.rules import hours, offers, sessions, slots
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.typed import Form

TOPIC_LENGTH = 500
LESSON_ID = r"[a-z0-9\-]{1,79}/[a-z0-9\-]{1,80}\Z"
LARGEST_ID = 2**31 - 1


def _between(least: int, most: int, *, required: bool = True) -> Callable[[Any, Field], None]:
    """Return a check that asks for a whole number, 0 too where `least` lets it."""
    message = _l("填 %(least)s 到 %(most)s 的整数", least=least, most=most)
    check = NumberRange(min=least, max=most, message=message)

    def between(form: Any, field: Field) -> None:
        field.errors = []  # of what is no number: one message is enough
        check(form, field)

    # What WTForms reads to tell the page which fields must not stay empty.
    between.field_flags = {"required": required}  # type: ignore[attr-defined]  # see above
    return between


class NewBooking(Form):
    """What a dealer says when confirming a time."""

    consultant = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1, max=LARGEST_ID)])
    starts = StringField(_l("时间"), validators=[DataRequired(_l("请选一个时间"))])
    # Empty for a plain session, or the first kind that the consultant offers.
    kind = IntegerField(
        widget=HiddenInput(), validators=[Optional(), NumberRange(min=1, max=LARGEST_ID)]
    )
    # The lesson whose quiz they are stuck in.
    lesson = HiddenField(validators=[Optional(), Regexp(LESSON_ID)])
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


class Hold(Form):
    """Which time is to be kept while the form is filled, and what the dealer comes about."""

    consultant = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1, max=LARGEST_ID)])
    starts = HiddenField(validators=[DataRequired()])
    kind = IntegerField(validators=[Optional(), NumberRange(min=1, max=LARGEST_ID)])
    lesson = HiddenField(validators=[Optional(), Regexp(LESSON_ID)])
    topic = HiddenField(validators=[Optional(), Length(max=TOPIC_LENGTH)])


class NewTime(Form):
    """The time that a session is to be moved to."""

    starts = StringField(_l("新的时间"), validators=[DataRequired(_l("请选一个时间"))])

    def validate_starts(self, field: Field) -> None:
        """Refuse what is no start."""
        if field.data and sessions.start_from_address(field.data) is None:
            raise ValidationError(_("请选一个时间"))


class Exchange(Form):
    """The session that another one is to trade its time with."""

    other = StringField(_l("和哪一场对调"), validators=[DataRequired(_l("请选一场会谈"))])


class Refusal(Form):
    """Why a consultant cannot take a session that was asked for."""

    reason = StringField(
        _l("婉拒的原因"),
        validators=[
            DataRequired(_l("写一句原因，店里好另作安排")),
            Length(max=300, message=_l("请控制在 300 字以内")),
        ],
    )


class Cancellation(Form):
    """Why a dealer cancels."""

    reason = StringField(
        _l("取消原因"),
        validators=[Length(max=300, message=_l("请控制在 300 字以内"))],
    )


class DayOff(Form):
    """A day, or several on end, on which a consultant receives nobody."""

    day = DateField(_l("第一天"), validators=[DataRequired(_l("请选一个日期"))])
    last_day = DateField(_l("最后一天"), validators=[Optional()])
    reason = StringField(
        _l("备注"),
        validators=[Optional(), Length(max=120, message=_l("请控制在 120 字以内"))],
    )


class Offer(Form):
    """What dealers see of a consultant, and how long sessions are."""

    specialty_zh = StringField(
        _l("擅长（中文）"), validators=[DataRequired(_l("写一句擅长什么")), Length(max=60)]
    )
    specialty_en = StringField(
        _l("擅长（英文）"), validators=[DataRequired(_l("英文界面也要写一句")), Length(max=120)]
    )
    bio = TextAreaField(
        _l("介绍"),
        validators=[Optional(), Length(max=600, message=_l("请控制在 600 字以内"))],
    )
    meeting_place = StringField(
        _l("在哪里谈"),
        validators=[Optional(), Length(max=300, message=_l("请控制在 300 字以内"))],
    )
    session_minutes = IntegerField(_l("一场多少分钟"), default=45, validators=[_between(15, 240)])
    buffer_minutes = IntegerField(
        _l("每场之后留多少分钟"), default=15, validators=[_between(0, 240)]
    )
    notice_hours = IntegerField(_l("至少提前几小时约"), default=2, validators=[_between(0, 336)])
    horizon_days = IntegerField(_l("最远能约到几天后"), default=21, validators=[_between(1, 90)])

    @staticmethod
    def shown(offer: offers.Offer) -> Mapping[str, Any]:
        """Return what stands in the fields."""
        hours_ahead = -(-offer.notice_minutes // 60)
        return {**asdict(offer), "notice_hours": hours_ahead}

    def offer(self) -> offers.Offer:
        """Return what was filled in; only after validation."""
        return offers.Offer(
            specialty_zh=self.specialty_zh.data or "",
            specialty_en=self.specialty_en.data or "",
            bio=self.bio.data or "",
            meeting_place=self.meeting_place.data or "",
            session_minutes=self.session_minutes.data or 0,
            buffer_minutes=self.buffer_minutes.data or 0,
            notice_minutes=60 * (self.notice_hours.data or 0),
            horizon_days=self.horizon_days.data or 0,
        )


def _count(label: Any, most: int) -> IntegerField:
    """Return a field for a number that may stay empty."""
    return IntegerField(label, validators=[Optional(), _between(1, most, required=False)])


class Rhythm(Form):
    """How a consultant's sessions follow each other."""

    buffer_before_minutes = IntegerField(_l("会谈前留空（分钟）"), validators=[_between(0, 240)])
    buffer_minutes = IntegerField(_l("会谈后留空（分钟）"), validators=[_between(0, 240)])
    interval_minutes = IntegerField(
        _l("每隔几分钟一个开始时间"), validators=[Optional(), _between(5, 480, required=False)]
    )
    notice_hours = IntegerField(_l("至少提前几小时约"), validators=[_between(0, 336)])
    day_cap = _count(_l("一天最多几场"), 50)
    week_cap = _count(_l("一周最多几场"), 200)
    follows_holidays = BooleanField(_l("法定节假日不接待，调休上班日照常接待"))

    @staticmethod
    def shown(rhythm: hours.Rhythm) -> Mapping[str, Any]:
        """Return what stands in the fields."""
        return {**asdict(rhythm), "notice_hours": -(-rhythm.notice_minutes // 60)}

    def rhythm(self) -> hours.Rhythm:
        """Return what was filled in; only after validation."""
        return hours.Rhythm(
            buffer_before_minutes=self.buffer_before_minutes.data or 0,
            buffer_minutes=self.buffer_minutes.data or 0,
            interval_minutes=self.interval_minutes.data,
            notice_minutes=60 * (self.notice_hours.data or 0),
            day_cap=self.day_cap.data,
            week_cap=self.week_cap.data,
            follows_holidays=bool(self.follows_holidays.data),
        )


class Journey(Form):
    """Dates on which a consultant's hours go by another clock."""

    first_day = DateField(_l("第一天"), validators=[DataRequired(_l("请选一个日期"))])
    last_day = DateField(_l("最后一天"), validators=[DataRequired(_l("请选一个日期"))])
    zone = SelectField(_l("当地时区"), choices=texts.zones, validators=[InputRequired()])


class SpecialDays(Form):
    """Days off, or days that are worked as a weekday."""

    first_day = DateField(_l("第一天"), validators=[DataRequired(_l("请选一个日期"))])
    last_day = DateField(_l("最后一天"), validators=[Optional()])
    kind = SelectField(_l("这几天"), choices=texts.special_days, validators=[InputRequired()])
    name_zh = StringField(
        _l("名称（中文）"),
        validators=[
            DataRequired(_l("写一个名称，例如：国庆节")),
            Length(max=40, message=_l("请控制在 40 字以内")),
        ],
    )
    name_en = StringField(
        _l("名称（英文）"),
        validators=[Optional(), Length(max=80, message=_l("请控制在 80 字以内"))],
    )

    def dates(self) -> tuple[date, date]:
        """Return the first and the last day; only after validation."""
        first = self.first_day.data
        if first is None:
            raise ValueError("the form was not validated")
        return first, self.last_day.data or first

    def works_as(self) -> int | None:
        """Return as which weekday the days are worked; None when they are off."""
        return None if self.kind.data == texts.OFF else int(self.kind.data)


class SessionKind(Form):
    """A kind of session, and who offers it."""

    name_zh = StringField(
        _l("名称（中文）"),
        validators=[
            DataRequired(_l("写一个名称，例如：报告解读")),
            Length(max=40, message=_l("请控制在 40 字以内")),
        ],
    )
    name_en = StringField(
        _l("名称（英文）"),
        validators=[
            DataRequired(_l("英文界面也要写一个")),
            Length(max=80, message=_l("请控制在 80 字以内")),
        ],
    )
    minutes = IntegerField(_l("一场多少分钟"), default=30, validators=[_between(15, 240)])
    place_mode = SelectField(_l("怎么谈"), choices=texts.place_modes, validators=[InputRequired()])
    level_from = IntegerField(
        _l("最低等级"),
        default=offers.LEVELS[0],
        validators=[_between(offers.LEVELS[0], offers.LEVELS[-1])],
    )
    level_to = IntegerField(
        _l("最高等级"),
        default=offers.LEVELS[-1],
        validators=[_between(offers.LEVELS[0], offers.LEVELS[-1])],
    )
    quota = _count(_l("每家店 30 天内最多几场"), 100)
    is_open = BooleanField(_l("渠道商可以约"), default=True)
    consultants = SelectMultipleField(_l("哪些顾问提供"), coerce=int)

    def validate_level_to(self, field: Field) -> None:
        """Refuse levels in the wrong order."""
        if field.data is not None and field.data < (self.level_from.data or 0):
            raise ValidationError(_("最高等级不能低于最低等级"))

    @staticmethod
    def shown(known: Any) -> Mapping[str, Any]:
        """Return what stands in the fields for a kind that is there."""
        return {
            **{name: getattr(known, name) for name in _KIND_FIELDS},
            "place_mode": known.place_mode.value,
            "consultants": list(known.consultant_ids),
        }

    def kind(self) -> offers.Kind:
        """Return what was filled in; only after validation."""
        return offers.Kind(
            **{name: self[name].data for name in _KIND_FIELDS},
            place_mode=offers.PlaceMode(self.place_mode.data),
            consultant_ids=tuple(self.consultants.data or ()),
        )


_KIND_FIELDS = ("name_zh", "name_en", "minutes", "level_from", "level_to", "quota", "is_open")


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


class DateHours(Form):
    """Up to three windows of one date, each a beginning and an end such as 09:30."""

    day = DateField(_l("日期"), validators=[DataRequired(_l("请选一个日期"))])
    begins_0 = StringField(_l("开始"))
    ends_0 = StringField(_l("结束"))
    begins_1 = StringField(_l("开始"))
    ends_1 = StringField(_l("结束"))
    begins_2 = StringField(_l("开始"))
    ends_2 = StringField(_l("结束"))

    def __init__(self, *, session_minutes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._session_minutes = session_minutes
        self.windows: list[slots.Window] = []  # after validation

    def pairs(self) -> list[tuple[Field, Field]]:
        """Return the fields of the windows: beginning and end."""
        numbers = range(hours.WINDOWS_A_DAY)
        return [(self[f"begins_{each}"], self[f"ends_{each}"]) for each in numbers]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the windows and let the rules judge; a problem stands at the first field."""
        valid = bool(super().validate(extra_validators))
        weekday = self.day.data.weekday() if self.day.data else 0
        typed = [(begins.data or "", ends.data or "") for begins, ends in self.pairs()]
        try:
            self.windows = hours.read_day(weekday=weekday, typed=typed)
            hours.check(windows=self.windows, session_minutes=self._session_minutes)
        except hours.BadHours as refused:
            problem = refused.problems[weekday]
            message = texts.hours_problem(problem, session_minutes=self._session_minutes)
            self.begins_0.errors = [message]
            return False
        if not self.windows:
            self.begins_0.errors = [_("至少填一段时间；整天不接待请加休息日。")]
        return valid and bool(self.windows)
