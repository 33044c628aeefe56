"""Free starts as a dealer picks one: a strip of days, and one day's times by part of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from portal import i18n
from portal.booking import texts
from portal.booking.rules import sessions


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the strip; `count` is the number of free starts."""

    on: date
    weekday: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Start:
    """One start, ready to show and to link to; `on` is its date in the alliance's time zone."""

    address: str
    on: date
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day with its free starts."""

    name: str
    starts: Sequence[Start]


@dataclass(frozen=True, slots=True)
class Picker:
    """What the page shows; `parts` are the chosen day's."""

    days: Sequence[Day]
    chosen: date
    parts: Sequence[Part]


def start(instant: datetime) -> Start:
    """Return one start ready to show."""
    return Start(
        address=sessions.start_in_address(instant),
        on=i18n.local(instant).date(),
        starts_at=instant,
    )


def picker(*, free: Sequence[datetime], today: date, days: int, wanted: date | None) -> Picker:
    """Return the strip of `days` days from `today` on, and one day's times.

    The day is `wanted` if it is in the strip, else the first with a free start, else today.
    """
    strip = [today + timedelta(days=offset) for offset in range(days)]
    by_day: dict[date, list[Start]] = {day: [] for day in strip}
    for each in map(start, free):
        if each.on in by_day:
            by_day[each.on].append(each)
    first_free = next((day for day in strip if by_day[day]), today)
    chosen = wanted if wanted in by_day else first_free
    return Picker(
        days=[
            Day(
                on=day,
                weekday=str(texts.WEEKDAYS[day.weekday()]),
                count=len(by_day[day]),
                current=day == chosen,
            )
            for day in strip
        ],
        chosen=chosen,
        parts=[
            Part(name=name, starts=list(starts))
            for name, starts in groupby(by_day[chosen], key=_part)
        ],
    )


def _part(each: Start) -> str:
    return texts.part_of_day(i18n.local(each.starts_at).hour)
