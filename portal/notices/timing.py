"""Quiet hours and the hour of the digest. Pure: local minutes of the day and a time zone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

DIGEST_AT = time(8, 30)  # local to the alliance


@dataclass(frozen=True, slots=True)
class Timing:
    """When a person wants no mails, and whether a digest.

    Local minutes of the day; both equal: no quiet hours.
    """

    quiet_from_minute: int
    quiet_until_minute: int
    wants_digest: bool


USUAL = Timing(quiet_from_minute=22 * 60, quiet_until_minute=8 * 60, wants_digest=True)


def is_quiet(timing: Timing, *, minute: int) -> bool:
    """Tell whether a local minute of the day lies in the quiet hours, which may span midnight."""
    start, end = timing.quiet_from_minute, timing.quiet_until_minute
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


def when_allowed(timing: Timing, *, at: datetime, zone: tzinfo) -> datetime:
    """Return `at`, or the end of the quiet hours that it lies in."""
    local = at.astimezone(zone)
    if not is_quiet(timing, minute=local.hour * 60 + local.minute):
        return at
    end = time(timing.quiet_until_minute // 60, timing.quiet_until_minute % 60)
    day = local.date()
    if local.time() >= end:
        day += timedelta(days=1)
    return datetime.combine(day, end, tzinfo=zone).astimezone(at.tzinfo)


def minute_of(clock_time: time) -> int:
    """Return a local time as minutes since midnight."""
    return clock_time.hour * 60 + clock_time.minute


def time_of(minute: int) -> time:
    """Return minutes since midnight as a local time."""
    return time(minute // 60, minute % 60)
