"""Reads about the alliance's days off and make-up days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, extract, func, select

from portal import i18n, tenancy
from portal.booking.models.hours import Consultant, Holiday
from portal.booking.models.sessions import Booking
from portal.booking.rules import workdays
from portal.booking.rules.sessions import State
from portal.db import db


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A day off (`works_as` None) or worked as a weekday; `name` is in the request's language."""

    day: date
    works_as: int | None
    name: str


def of_year(year: int) -> Sequence[HolidayRow]:
    """Return what is special about a year's days, in order."""
    found = db.session.scalars(
        select(Holiday).where(extract("year", Holiday.day) == year).order_by(Holiday.day)
    )
    return [_row(each) for each in found]


def between(*, first_day: date, last_day: date) -> Sequence[HolidayRow]:
    """Return what is special about these dates, both inclusive, in order."""
    found = db.session.scalars(
        select(Holiday).where(Holiday.day.between(first_day, last_day)).order_by(Holiday.day)
    )
    return [_row(each) for each in found]


def _row(found: Holiday) -> HolidayRow:
    name = i18n.pick({"zh-CN": found.name_zh, "en": found.name_en or found.name_zh})
    return HolidayRow(day=found.day, works_as=found.works_as, name=name)


def is_complete(year: int) -> bool:
    """Tell whether so many days off are entered as a year has."""
    return workdays.is_complete(days_off=db.session.scalar(_days_off(year)) or 0)


def _days_off(year: int) -> Select[int]:
    """Return the statement that counts the days off that are entered of a year."""
    return select(func.count(Holiday.day)).where(
        Holiday.day.between(date(year, 1, 1), date(year, 12, 31)), Holiday.works_as.is_(None)
    )


def missing_year(*, today: date) -> int | None:
    """Return the year whose plan should be there and is not; None while nobody would miss it.

    One query.
    """
    years = (today.year, today.year + 1)
    follows = select(Consultant.id).where(Consultant.follows_holidays).exists()
    with tenancy.for_everyone(reason="how many days are entered concerns nobody in particular"):
        missed, *entered = db.session.execute(
            select(follows, *(_days_off(each).scalar_subquery() for each in years))
        ).one()
    if not missed:
        return None
    return next(
        (
            year
            for year, count in zip(years, entered, strict=True)
            if workdays.is_expected(year=year, today=today)
            and not workdays.is_complete(days_off=count)
        ),
        None,
    )


def agreed_on(*, first_day: date, last_day: date, zone: ZoneInfo) -> int:
    """Return how many agreed sessions begin on these dates of the alliance's zone, inclusive."""
    begins, ends = (
        datetime(each.year, each.month, each.day, tzinfo=zone).astimezone(UTC)
        for each in (first_day, last_day + timedelta(days=1))
    )
    count = select(func.count(Booking.id)).where(
        Booking.state == State.BOOKED.value, Booking.starts_at >= begins, Booking.starts_at < ends
    )
    return db.session.scalar(count) or 0
