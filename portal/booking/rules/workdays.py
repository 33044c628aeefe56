"""Which days of a year are off and which are worked instead, as the State Council announces them.

The announcement comes out of the `holidays` library, which follows it; see docs/decisions/0046.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from holidays import HolidayBase, country_holidays

STATUTORY_DAYS = 13  # of a year, by the State Council's order 795 of November 2024
EXPECTED_FROM = (11, 1)  # month and day: the next year is usually announced in November
_SWAPPED_FOR = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DAY_OFF = "休息日"  # how the library calls a day that is only off because another is worked
_IN_LIEU = "（补假）"
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not what its weekday says; `works_as` is a weekday, None when it is off."""

    day: date
    works_as: int | None
    name_zh: str
    name_en: str


class NotAnnounced(LookupError):
    """The library knows no make-up days of the year: it was not announced when it was made."""


def is_complete(*, days_off: int) -> bool:
    """Tell whether so many days off can be a whole year's plan."""
    return days_off >= STATUTORY_DAYS


def is_expected(*, year: int, today: date) -> bool:
    """Tell whether the plan of `year` should be there by now."""
    return today >= date(year - 1, *EXPECTED_FROM)


def is_announced(year: int) -> bool:
    """Tell whether the library knows the make-up days of a year."""
    known = country_holidays("CN", years=year).weekend_workdays
    return any(each.year == year for each in known)


def announced(year: int) -> Sequence[SpecialDay]:
    """Return a year's days off and make-up days in order, weekends within a holiday included.

    Raises NotAnnounced.
    """
    in_chinese = country_holidays("CN", years=year, language="zh_CN")
    worked = {each for each in in_chinese.weekend_workdays if each.year == year}
    if not worked:
        raise NotAnnounced(year)
    in_english = country_holidays("CN", years=year, language="en_US")
    found = [
        SpecialDay(day=day, works_as=None, name_zh=chinese, name_en=english)
        for run in _runs(in_chinese, worked, year)
        for day, chinese, english in zip(
            run, _names(run, in_chinese), _names(run, in_english), strict=True
        )
    ]
    swaps = _swaps(in_chinese)
    found += [
        SpecialDay(
            day=day,
            works_as=(swaps.get(day) or _nearest(day, in_chinese)).weekday(),
            name_zh="调休上班",
            name_en="Make-up workday",
        )
        for day in worked
    ]
    return sorted(found, key=lambda each: each.day)


def _runs(known: HolidayBase, worked: set[date], year: int) -> Iterator[list[date]]:
    """Yield the stretches of days off that hold a holiday: a weekend within is part of it."""
    run: list[date] = []
    day = date(year, 1, 1)
    while day <= date(year, 12, 31):
        if day in known or (day.weekday() >= _SATURDAY and day not in worked):
            run.append(day)
        else:
            if any(each in known for each in run):
                yield run
            run = []
        day += timedelta(days=1)
    if any(each in known for each in run):
        yield run


def _names(run: Sequence[date], known: HolidayBase) -> list[str]:
    """Return what each day of a stretch is called: by its own holiday, else the stretch's."""
    own = [_own_name(known.get(day)) for day in run]
    most = Counter(name for name in own if name).most_common(1)
    return [name or most[0][0] for name in own]


def _own_name(name: str | None) -> str | None:
    if name is None or _SWAPPED_FOR.search(name) or re.search(r"\d{2}/\d{2}/\d{4}", name):
        return None
    return name.removesuffix(_IN_LIEU).removesuffix(" (observed)")


def _swaps(known: HolidayBase) -> Mapping[date, date]:
    """Return for which day off each make-up day is worked."""
    return {
        date(*map(int, swapped.groups())): day
        for day, name in known.items()
        if (swapped := _SWAPPED_FOR.search(name))
    }


def _nearest(day: date, known: HolidayBase) -> date:
    return min(known, key=lambda each: abs((each - day).days))
