"""Why is there no slot? Every start that the hours know, with what took it away, if anything."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.booking.rules import slots
from portal.booking.rules.slots import Plan, Range, Taken


class Reason(StrEnum):
    """What takes a start away; of several, the first in this order is told."""

    PAST = "past"
    LEAVE = "leave"
    HOLIDAY = "holiday"
    ROUND = "round"  # an allocation round gives it away
    NOTICE = "notice"  # too soon
    HORIZON = "horizon"  # too far ahead
    DEALER_BUSY = "dealer_busy"  # the dealer has another session then
    QUOTA = "quota"  # the dealer has had as many sessions of the kind as it may
    BUSY = "busy"  # another session of the consultant's
    OUTSIDE = "outside"  # something in the consultant's own calendar
    BUFFER = "buffer"  # too close before or after something else
    DAY_CAP = "day_cap"
    WEEK_CAP = "week_cap"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One start, in minutes since 1970 (UTC); `reason` is None when it can be booked."""

    start: int
    reason: Reason | None


def explain(
    *, plan: Plan, at: datetime, taken: Taken, first_day: date, last_day: date
) -> Sequence[Verdict]:
    """Return a verdict on every start of the local dates from `first_day` to `last_day`, in order.

    Days off and holidays are told with the starts that they would have had. The starts without a
    reason are those of `slots.free`.
    """
    now = -(-int(at.timestamp()) // 60)
    begins = slots.earliest(plan=plan, at=at)
    horizon = slots.last_day(plan=plan, at=at)
    of_day: dict[int, Reason | None] = {}
    for offset in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=offset)
        reason = _of_day(plan, day, horizon)
        for start in slots.planned(plan=plan, first_day=day, last_day=day):
            # On a journey two dates may hold the same start: one that is open is enough.
            of_day[start] = reason and of_day.get(start, reason)
    standing = _standing(plan, taken)

    def reason_of(start: int) -> Reason | None:
        if start < now:
            return Reason.PAST
        if of_day[start] in (Reason.LEAVE, Reason.HOLIDAY, Reason.ROUND):
            return of_day[start]
        if start < begins:
            return Reason.NOTICE
        return of_day[start] or next(
            (reason for reason, ranges in standing if _lies_in(start, ranges)), None
        )

    return [Verdict(start=start, reason=reason_of(start)) for start in sorted(of_day)]


def _of_day(plan: Plan, day: date, horizon: date) -> Reason | None:
    if day in plan.days_off:
        return Reason.LEAVE
    if slots.is_holiday(plan=plan, day=day):
        return Reason.HOLIDAY
    if slots.is_withheld(plan=plan, day=day):
        return Reason.ROUND
    return Reason.HORIZON if day > horizon else None


def _standing(plan: Plan, taken: Taken) -> Sequence[tuple[Reason, list[Range]]]:
    """Return the starts that cannot be, by reason, in the order in which reasons are told."""
    everything = (*taken.sessions, *taken.outside, *taken.dealer)
    ranges = {
        Reason.DEALER_BUSY: _over(plan, taken.dealer),
        Reason.QUOTA: slots.beyond_quota(plan=plan, dealer_starts=taken.dealer_starts),
        Reason.BUSY: _over(plan, taken.sessions),
        Reason.OUTSIDE: _over(plan, taken.outside),
        Reason.BUFFER: slots.around(plan=plan, busy=everything),
        Reason.DAY_CAP: slots.full_days(plan=plan, sessions=taken.sessions),
        Reason.WEEK_CAP: slots.full_weeks(plan=plan, sessions=taken.sessions),
    }
    return [(reason, slots.merged(found)) for reason, found in ranges.items()]


def _over(plan: Plan, busy: Sequence[Range]) -> list[Range]:
    """Return the starts whose session itself, without its buffers, touches something busy."""
    length = plan.session_minutes
    return [(begins - length + 1, ends) for begins, ends in busy if begins < ends]


def _lies_in(start: int, ranges: Sequence[Range]) -> bool:
    at = bisect_right(ranges, start, key=lambda each: each[0]) - 1
    return at >= 0 and start < ranges[at][1]
