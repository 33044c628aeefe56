"""What weekly hours must be: windows as typed, each long enough, none over another."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from portal.booking.rules.slots import DAY_MINUTES, Window

WINDOWS_A_DAY = 3
BUFFERS_MINUTES = 240  # both together, so that no block is longer than the guard looks
LONGEST_LEAVE_DAYS = 366
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)


class Problem(StrEnum):
    """What is wrong with a day's hours."""

    HALF = "half"  # only a beginning or only an end
    UNREADABLE = "unreadable"
    BACKWARDS = "backwards"
    TOO_SHORT = "too_short"
    OVERLAP = "overlap"
    TOO_MANY = "too_many"  # more than WINDOWS_A_DAY


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a consultant's sessions follow each other; None: no limit, or as close as fits."""

    buffer_before_minutes: int
    buffer_minutes: int
    interval_minutes: int | None
    notice_minutes: int
    day_cap: int | None
    week_cap: int | None
    follows_holidays: bool


class BuffersTooLong(ValueError):
    """The buffers before and after a session are longer than BUFFERS_MINUTES together."""


class BadDays(ValueError):
    """Dates that are over, in the wrong order, or too many at once."""


class BadHours(ValueError):
    """Weekly hours that cannot stand; `problems` names what is wrong by weekday."""

    def __init__(self, problems: Mapping[int, Problem]) -> None:
        super().__init__(f"weekly hours: {dict(problems)}")
        self.problems = problems


def wall_clock_minute(text: str) -> int | None:
    """Return a time of day, e.g. 09:30, as minutes after midnight; None when it is not one."""
    found = _CLOCK.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def clock_text(minute: int) -> str:
    """Return minutes after midnight as a time input shows them; the next midnight is 00:00."""
    return f"{minute % DAY_MINUTES // 60:02d}:{minute % 60:02d}"


def read_day(*, weekday: int, typed: Sequence[tuple[str, str]]) -> list[Window]:
    """Return a day's windows out of typed beginnings and ends; a pair left empty is no window.

    An end of 00:00 is the midnight at which the day ends. Raises BadHours for a half-filled or
    unreadable pair; whether the windows make sense is for `check` to say.
    """
    windows = []
    for begins, ends in typed:
        if not begins.strip() and not ends.strip():
            continue
        if not begins.strip() or not ends.strip():
            raise BadHours({weekday: Problem.HALF})
        starts_minute, ends_minute = wall_clock_minute(begins), wall_clock_minute(ends)
        if starts_minute is None or ends_minute is None:
            raise BadHours({weekday: Problem.UNREADABLE})
        windows.append(Window(weekday, starts_minute, ends_minute or DAY_MINUTES))
    return windows


def check(*, windows: Sequence[Window], session_minutes: int) -> None:
    """Raise BadHours, naming every weekday that is wrong, unless the windows can stand."""
    problems = {}
    for weekday in range(7):
        of_day = sorted(
            (each for each in windows if each.weekday == weekday),
            key=lambda each: (each.starts_minute, each.ends_minute),
        )
        problem = _problem(of_day, session_minutes)
        if problem:
            problems[weekday] = problem
    if problems:
        raise BadHours(problems)


def _problem(of_day: Sequence[Window], session_minutes: int) -> Problem | None:
    if len(of_day) > WINDOWS_A_DAY:
        return Problem.TOO_MANY
    for window in of_day:
        if window.ends_minute <= window.starts_minute:
            return Problem.BACKWARDS
        if window.ends_minute - window.starts_minute < session_minutes:
            return Problem.TOO_SHORT
    if any(later.starts_minute < earlier.ends_minute for earlier, later in pairwise(of_day)):
        return Problem.OVERLAP
    return None


def check_buffers(*, before_minutes: int, after_minutes: int) -> None:
    """Raise BuffersTooLong unless a session fits between its buffers."""
    if before_minutes + after_minutes > BUFFERS_MINUTES:
        raise BuffersTooLong


def check_days(*, first_day: date, last_day: date, today: date) -> None:
    """Raise BadDays unless the dates, both inclusive, are ahead, in order and a year at most."""
    if not today <= first_day <= last_day < first_day + timedelta(days=LONGEST_LEAVE_DAYS):
        raise BadDays
