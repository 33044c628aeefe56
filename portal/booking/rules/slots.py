"""Which starts are free: weekly hours laid on the calendar, minus what is taken.

Everything is integers, minutes since 1970 in UTC, half-open ranges; the time zone is asked only
where a wall-clock window is placed on a date, so a week across a clock change comes out right.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a weekday in local wall-clock minutes; weekday 0 is Monday."""

    weekday: int
    starts_minute: int
    ends_minute: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides a consultant's starts; `zone` is an IANA name, `days_off` are local dates."""

    zone: str
    session_minutes: int
    buffer_minutes: int
    notice_minutes: int
    horizon_days: int
    windows: Sequence[Window]
    days_off: frozenset[date] = frozenset()

    @property
    def block_minutes(self) -> int:
        """Minutes that one session takes out of the day: itself and the buffer after it."""
        return self.session_minutes + self.buffer_minutes


def to_minute(instant: datetime) -> int:
    """Return an aware instant as whole minutes since 1970 (UTC), rounded down."""
    return int(instant.timestamp() // 60)


def to_instant(minute: int) -> datetime:
    """Return minutes since 1970 (UTC) as an aware instant."""
    return datetime.fromtimestamp(minute * 60, tz=UTC)


def place(*, day: date, minute: int, zone: ZoneInfo) -> int:
    """Return wall-clock `minute` of the local date `day` as minutes since 1970 (UTC).

    A time that occurs twice is the earlier one; a time that the clock skips is counted with the
    offset from before the change. 1440 is the next local midnight.
    """
    wall_clock = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    return to_minute(wall_clock.replace(tzinfo=zone, fold=0))


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Return the ranges in order, overlapping and touching ones joined; empty ones are dropped."""
    joined: list[Range] = []
    for starts, ends in sorted(each for each in ranges if each[0] < each[1]):
        if joined and starts <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((starts, ends))
    return joined


def candidates(*, plan: Plan, first_day: date, last_day: date) -> Iterator[int]:
    """Yield every start that the weekly hours offer from `first_day` to `last_day`, inclusive.

    Starts follow each other by session and buffer from the beginning of a window; a session ends
    within its window, the buffer may reach beyond it. Dates are local to the plan's zone.
    """
    zone = ZoneInfo(plan.zone)
    for offset in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=offset)
        if day in plan.days_off:
            continue
        # Joined per day: joined across midnight, the grid would depend on where a query begins.
        opened = merged(
            (
                place(day=day, minute=window.starts_minute, zone=zone),
                place(day=day, minute=window.ends_minute, zone=zone),
            )
            for window in plan.windows
            if window.weekday == day.weekday()
        )
        for starts, ends in opened:
            yield from range(starts, ends - plan.session_minutes + 1, plan.block_minutes)


def without(*, starts: Iterable[int], block_minutes: int, busy: Iterable[Range]) -> list[int]:
    """Return those of `starts` (ascending) whose block touches nothing busy: one sweep."""
    blocked, position, free = merged(busy), 0, []
    for start in starts:
        while position < len(blocked) and blocked[position][1] <= start:
            position += 1
        if position == len(blocked) or blocked[position][0] >= start + block_minutes:
            free.append(start)
    return free


def offered(*, plan: Plan, at: datetime, days: int | None = None) -> list[int]:
    """Return the starts that may be booked at the instant `at`, ascending, taken ones included.

    From the notice on, over the plan's horizon or the first `days` days if that is less; today
    (in the plan's zone) is the first day.
    """
    today = at.astimezone(ZoneInfo(plan.zone)).date()
    shown = plan.horizon_days if days is None else min(days, plan.horizon_days)
    # The whole minute that has begun does not count towards the notice.
    earliest = -(-int(at.timestamp()) // 60) + plan.notice_minutes
    starts = candidates(plan=plan, first_day=today, last_day=today + timedelta(days=shown - 1))
    return [start for start in starts if start >= earliest]


def free(*, plan: Plan, at: datetime, busy: Iterable[Range], days: int | None = None) -> list[int]:
    """Return the starts that can be booked at the instant `at`, ascending, minutes since 1970."""
    return without(
        starts=offered(plan=plan, at=at, days=days), block_minutes=plan.block_minutes, busy=busy
    )


def nearest(*, starts: Sequence[int], to: int, count: int) -> list[int]:
    """Return the `count` starts closest to `to`, ascending."""
    return sorted(sorted(starts, key=lambda start: (abs(start - to), start))[:count])
