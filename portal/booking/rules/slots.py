"""Which starts are free: wall-clock hours laid on the calendar, minus what is taken.

Everything is integers, minutes since 1970 in UTC, half-open ranges: whatever stands in the way
becomes a range of starts that cannot be, and one merge and one sweep leave the rest. The time zone
is asked only where a window is placed on a date, so a week across a clock change comes out right.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
QUOTA_DAYS = 30  # a quota counts the sessions that begin within so many days of each other

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a weekday in local wall-clock minutes; weekday 0 is Monday."""

    weekday: int
    starts_minute: int
    ends_minute: int


@dataclass(frozen=True, slots=True)
class Travel:
    """From `first_day` to `last_day`, inclusive, the wall clock is that of `zone` (IANA)."""

    first_day: date
    last_day: date
    zone: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides a consultant's starts; `zone` is an IANA name, dates are local.

    A date's windows are its own (`overrides`), else those of the weekday, where a make-up day
    works as the weekday that `holidays` says. A day off has none, and a holiday (None in
    `holidays`) none but its own.
    """

    zone: str
    session_minutes: int
    buffer_minutes: int  # kept free after a session
    notice_minutes: int
    horizon_days: int
    windows: Sequence[Window]
    days_off: frozenset[date] = frozenset()
    buffer_before_minutes: int = 0
    interval_minutes: int | None = None  # from start to start; None: as long as a block
    day_cap: int | None = None  # sessions a local day, at least 1; None: as many as fit
    week_cap: int | None = None  # sessions from Monday to Sunday
    quota: int | None = None  # sessions of this kind that a dealer has in any QUOTA_DAYS days
    overrides: Mapping[date, Sequence[Range]] = field(default_factory=dict)  # wall-clock minutes
    holidays: Mapping[date, int | None] = field(default_factory=dict)
    travels: Sequence[Travel] = ()
    # First and last date, inclusive, whose hours are given away in an allocation round.
    withheld: tuple[date, date] | None = None

    @property
    def block_minutes(self) -> int:
        """Minutes that one session takes out of the day: itself and the buffers around it."""
        return self.buffer_before_minutes + self.session_minutes + self.buffer_minutes

    @property
    def step_minutes(self) -> int:
        """Minutes from one start to the next."""
        return self.interval_minutes or self.block_minutes


@dataclass(frozen=True, slots=True)
class Taken:
    """What stands in the way of one consultant's sessions with one dealer; quickest if ascending.

    `sessions` are the consultant's own blocks, buffers included, `outside` other engagements,
    `dealer` the dealer's blocks with anybody. `dealer_starts` are the starts of the dealer's
    sessions that count towards the plan's quota.
    """

    sessions: Sequence[Range] = ()
    outside: Sequence[Range] = ()
    dealer: Sequence[Range] = ()
    dealer_starts: Sequence[int] = ()


NOTHING = Taken()


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


@lru_cache(maxsize=16_384)
def _midnight(zone_name: str, ordinal: int) -> int | None:
    """Return a local midnight in minutes since 1970; None on a day on which the clock changes."""
    zone, day = ZoneInfo(zone_name), date.fromordinal(ordinal)
    begins = place(day=day, minute=0, zone=zone)
    return begins if place(day=day, minute=DAY_MINUTES, zone=zone) - begins == DAY_MINUTES else None


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Return the ranges in order, overlapping and touching ones joined; empty ones are dropped."""
    joined: list[Range] = []
    latest = None
    for starts, ends in sorted(ranges):
        if starts >= ends:
            continue
        if latest is not None and starts <= latest:
            if ends > latest:
                joined[-1] = (joined[-1][0], ends)
                latest = ends
        else:
            joined.append((starts, ends))
            latest = ends
    return joined


# Which starts there would be


def zone_on(*, plan: Plan, day: date) -> str:
    """Return the zone by which the consultant's clock goes on a local date."""
    return next(
        (each.zone for each in plan.travels if each.first_day <= day <= each.last_day), plan.zone
    )


def day_of(*, plan: Plan, instant: datetime) -> date:
    """Return the local date of an instant where the consultant then is."""
    for each in plan.travels:
        day = instant.astimezone(ZoneInfo(each.zone)).date()
        if each.first_day <= day <= each.last_day:
            return day
    return instant.astimezone(ZoneInfo(plan.zone)).date()


def is_holiday(*, plan: Plan, day: date) -> bool:
    """Tell whether the holidays take the day away; hours of its own bring it back."""
    return day in plan.holidays and plan.holidays[day] is None and day not in plan.overrides


def is_withheld(*, plan: Plan, day: date) -> bool:
    """Tell whether the day's hours are given away in an allocation round."""
    return plan.withheld is not None and plan.withheld[0] <= day <= plan.withheld[1]


def is_open(*, plan: Plan, day: date) -> bool:
    """Tell whether neither leave nor a holiday nor an allocation round takes the day away."""
    return (
        day not in plan.days_off
        and not is_holiday(plan=plan, day=day)
        and not is_withheld(plan=plan, day=day)
    )


class _Grid:
    """The starts of a plan's days, as if no day were taken away; weekdays are worked out once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._weekly: list[list[Range]] = [[] for _ in range(7)]
        for window in plan.windows:
            self._weekly[window.weekday].append((window.starts_minute, window.ends_minute))
        self._relative = [self._starts(ranges) for ranges in self._weekly]

    def on(self, day: date) -> list[int]:
        """Return the starts of a local date, ascending."""
        plan, own = self._plan, None
        if plan.overrides:
            own = plan.overrides.get(day)
        weekday = None
        if plan.holidays:
            weekday = plan.holidays.get(day)
        if weekday is None:
            weekday = day.weekday()
        zone = zone_on(plan=plan, day=day) if plan.travels else plan.zone
        midnight = _midnight(zone, day.toordinal())
        if midnight is None:
            ranges = self._weekly[weekday] if own is None else own
            return self._placed(ranges, day=day, zone=ZoneInfo(zone))
        relative = self._relative[weekday] if own is None else self._starts(own)
        return [midnight + each for each in relative]

    def _placed(self, ranges: Sequence[Range], *, day: date, zone: ZoneInfo) -> list[int]:
        return self._starts(
            (place(day=day, minute=begins, zone=zone), place(day=day, minute=ends, zone=zone))
            for begins, ends in ranges
        )

    def _starts(self, ranges: Iterable[Range]) -> list[int]:
        # Joined per day: joined across midnight, the grid would depend on where a query begins.
        plan = self._plan
        return [
            start
            for begins, ends in merged(ranges)
            for start in range(begins, ends - plan.session_minutes + 1, plan.step_minutes)
        ]


def _days(first_day: date, last_day: date) -> Iterator[date]:
    return map(date.fromordinal, range(first_day.toordinal(), last_day.toordinal() + 1))


def _in_order(plan: Plan, starts: list[int]) -> list[int]:
    # Who flies east may have the evening of one day after the morning of the next.
    return sorted(set(starts)) if plan.travels else starts


def planned(*, plan: Plan, first_day: date, last_day: date) -> list[int]:
    """Return every start of the hours, ascending, on days off and holidays too.

    From `first_day` to `last_day`, inclusive, in local dates.
    """
    grid, starts = _Grid(plan), list[int]()
    for day in _days(first_day, last_day):
        starts += grid.on(day)
    return _in_order(plan, starts)


def candidates(*, plan: Plan, first_day: date, last_day: date) -> list[int]:
    """Return every start that the hours offer from `first_day` to `last_day`, inclusive, ascending.

    Starts follow each other from the beginning of a window; a session ends within its window, the
    buffers may reach beyond it. Dates are local to the plan's zone.
    """
    grid, starts = _Grid(plan), list[int]()
    for day in _days(first_day, last_day):
        if is_open(plan=plan, day=day):
            starts += grid.on(day)
    return _in_order(plan, starts)


def earliest(*, plan: Plan, at: datetime) -> int:
    """Return the first minute that keeps the notice; a minute that has begun does not count."""
    return -(-int(at.timestamp()) // 60) + plan.notice_minutes


def last_day(*, plan: Plan, at: datetime, days: int | None = None) -> date:
    """Return the last local date of the horizon, or of the first `days` days if that is sooner."""
    shown = plan.horizon_days if days is None else min(days, plan.horizon_days)
    return day_of(plan=plan, instant=at) + timedelta(days=shown - 1)


def offered(*, plan: Plan, at: datetime, days: int | None = None) -> list[int]:
    """Return the starts that may be booked at the instant `at`, ascending, taken ones included.

    From the notice on, over the plan's horizon or the first `days` days if that is less; today
    (in the plan's zone) is the first day.
    """
    starts = candidates(
        plan=plan,
        first_day=day_of(plan=plan, instant=at),
        last_day=last_day(plan=plan, at=at, days=days),
    )
    return starts[bisect_left(starts, earliest(plan=plan, at=at)) :]


def is_offered(*, plan: Plan, start: int, at: datetime) -> bool:
    """Tell whether a start may be booked at the instant `at`, if nothing has taken it."""
    if start < earliest(plan=plan, at=at):
        return False
    day, last = day_of(plan=plan, instant=to_instant(start)), last_day(plan=plan, at=at)
    # The neighbours: an evening window may reach over the next local midnight on a journey.
    near = range(max(-1, (day_of(plan=plan, instant=at) - day).days), min(1, (last - day).days) + 1)
    return any(
        start in candidates(plan=plan, first_day=one, last_day=one)
        for one in (day + timedelta(days=offset) for offset in near)
    )


# What stands in the way, as ranges of starts that cannot be


def around(*, plan: Plan, busy: Iterable[Range]) -> list[Range]:
    """Return the starts whose block, buffers included, touches something busy."""
    before, after = plan.buffer_before_minutes, plan.session_minutes + plan.buffer_minutes - 1
    return [(begins - after, ends + before) for begins, ends in busy if begins < ends]


def full_days(*, plan: Plan, sessions: Iterable[Range]) -> list[Range]:
    """Return the days that hold as many sessions as the plan lets them."""
    cap = plan.day_cap
    if cap is None:
        return []
    counts = Counter(_days_of(plan, sessions))
    full = (day for day, count in counts.items() if count >= cap)
    return [each for day in full for each in _hours_of(plan, day)]


def full_weeks(*, plan: Plan, sessions: Iterable[Range]) -> list[Range]:
    """Return the weeks, Monday to Sunday, that hold as many sessions as the plan lets them."""
    cap = plan.week_cap
    if cap is None:
        return []
    counts = Counter(day - timedelta(days=day.weekday()) for day in _days_of(plan, sessions))
    full = (monday for monday, count in counts.items() if count >= cap)
    week = range(7)
    return [
        each
        for monday in full
        for i in week
        for each in _hours_of(plan, monday + timedelta(days=i))
    ]


def _days_of(plan: Plan, sessions: Iterable[Range]) -> Iterator[date]:
    # A block begins with the buffer before its session, which may lie on the day before.
    for begins, _ in sessions:
        yield day_of(plan=plan, instant=to_instant(begins + plan.buffer_before_minutes))


def _hours_of(plan: Plan, day: date) -> list[Range]:
    """Return the minutes that `day_of` counts as this date: on a journey the days do not add up."""
    zone, elsewhere = zone_on(plan=plan, day=day), list[Range]()
    begins, ends = _period(day, day, zone)
    for each in plan.travels:
        if each.first_day <= day <= each.last_day:
            break
        elsewhere.append(_period(each.first_day, each.last_day, each.zone))
    left = [(begins, ends)]
    for start, stop in elsewhere:
        left = [
            part
            for one, other in left
            for part in ((one, min(other, start)), (max(one, stop), other))
            if part[0] < part[1]
        ]
    return left


def _period(first_day: date, last_day: date, zone_name: str) -> Range:
    zone = ZoneInfo(zone_name)
    following = last_day + timedelta(days=1)
    return place(day=first_day, minute=0, zone=zone), place(day=following, minute=0, zone=zone)


def beyond_quota(*, plan: Plan, dealer_starts: Iterable[int]) -> list[Range]:
    """Return the starts with which some QUOTA_DAYS days would hold more sessions than the quota."""
    if plan.quota is None:
        return []
    known, span = sorted(dealer_starts), QUOTA_DAYS * DAY_MINUTES
    runs = zip(known, known[plan.quota - 1 :], strict=False)
    return [(last - span + 1, first + span) for first, last in runs if last - first < span]


def blocked(*, plan: Plan, taken: Taken) -> list[Range]:
    """Return the starts that cannot be, merged and in order."""
    return merged(
        (
            *around(plan=plan, busy=taken.sessions),
            *around(plan=plan, busy=taken.outside),
            *around(plan=plan, busy=taken.dealer),
            *full_days(plan=plan, sessions=taken.sessions),
            *full_weeks(plan=plan, sessions=taken.sessions),
            *beyond_quota(plan=plan, dealer_starts=taken.dealer_starts),
        )
    )


def without(*, starts: Sequence[int], blocked: Iterable[Range]) -> list[int]:
    """Return those of `starts` (ascending) that lie in none of the merged ranges: one sweep."""
    free, position = list[int](), 0
    for begins, ends in blocked:
        stop = bisect_left(starts, begins, position)
        free += starts[position:stop]
        position = bisect_left(starts, ends, stop)
        if position == len(starts):
            return free
    return free + list(starts[position:])


def free(*, plan: Plan, at: datetime, taken: Taken = NOTHING, days: int | None = None) -> list[int]:
    """Return the starts that can be booked at the instant `at`, ascending, minutes since 1970."""
    starts = offered(plan=plan, at=at, days=days)
    return without(starts=starts, blocked=blocked(plan=plan, taken=taken))


def nearest(*, starts: Sequence[int], to: int, count: int) -> list[int]:
    """Return the `count` starts closest to `to`, ascending."""
    return sorted(sorted(starts, key=lambda start: (abs(start - to), start))[:count])
