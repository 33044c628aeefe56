"""Writes about the alliance's days off and make-up days: an operator's. Never touches a booking."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import delete, extract, select

from portal.booking.models.hours import Holiday
from portal.booking.rules import workdays
from portal.booking.rules.workdays import SpecialDay
from portal.db import db

LONGEST_DAYS = 31  # entered at once: more is a slip of the year


class TooManyDays(ValueError):
    """The dates are in the wrong order, or more than LONGEST_DAYS."""


def fill_year(*, year: int) -> int:
    """Add what was announced for a year, and return how many days; those there stay as they are.

    Raises workdays.NotAnnounced.
    """
    announced = workdays.announced(year)
    wanted = select(Holiday.day).where(extract("year", Holiday.day) == year)
    known = set(db.session.scalars(wanted))
    missing = [each for each in announced if each.day not in known]
    _add(missing)
    return len(missing)


def set_days(
    *, first_day: date, last_day: date, works_as: int | None, name_zh: str, name_en: str
) -> None:
    """Let dates, both inclusive, be off (None) or worked as a weekday, whatever they were.

    Raises TooManyDays.
    """
    count = (last_day - first_day).days + 1
    if not 1 <= count <= LONGEST_DAYS:
        raise TooManyDays
    days = [first_day + timedelta(days=offset) for offset in range(count)]
    db.session.execute(delete(Holiday).where(Holiday.day.in_(days)))
    _add(
        [SpecialDay(day=each, works_as=works_as, name_zh=name_zh, name_en=name_en) for each in days]
    )


def remove(*, day: date) -> None:
    """Let a date be what its weekday says; one that is so already is fine."""
    db.session.execute(delete(Holiday).where(Holiday.day == day))


def _add(days: Sequence[SpecialDay]) -> None:
    db.session.add_all(
        Holiday(day=each.day, works_as=each.works_as, name_zh=each.name_zh, name_en=each.name_en)
        for each in days
    )
    db.session.flush()
