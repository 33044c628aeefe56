"""Free starts the slow way, to compare with: aware datetimes, and a search for every candidate.

Shares nothing with portal/booking/rules/slots.py but the words in which a plan is written.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONTH = timedelta(days=30)


def zone_on(plan, day):
    for travel in plan.travels:
        if travel.first_day <= day <= travel.last_day:
            return ZoneInfo(travel.zone)
    return ZoneInfo(plan.zone)


def day_of(plan, instant):
    for travel in plan.travels:
        day = instant.astimezone(ZoneInfo(travel.zone)).date()
        if travel.first_day <= day <= travel.last_day:
            return day
    return instant.astimezone(ZoneInfo(plan.zone)).date()


def placed(plan, day, minute):
    wall_clock = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall_clock.replace(tzinfo=zone_on(plan, day)).astimezone(UTC)


def windows_on(plan, day):
    """Return the windows of a date in wall-clock minutes, nothing when it is taken away."""
    if day in plan.days_off:
        return []
    if day in plan.overrides:
        return list(plan.overrides[day])
    weekday = day.weekday()
    if day in plan.holidays:
        weekday = plan.holidays[day]
    return [
        (each.starts_minute, each.ends_minute) for each in plan.windows if each.weekday == weekday
    ]


def starts_on(plan, day):
    """Return the starts of a date; windows that meet or overlap are one."""
    joined = []
    for begins, ends in sorted(
        (placed(plan, day, begins), placed(plan, day, ends))
        for begins, ends in windows_on(plan, day)
    ):
        if begins >= ends:
            continue
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    session = timedelta(minutes=plan.session_minutes)
    step = timedelta(
        minutes=plan.interval_minutes
        or plan.buffer_before_minutes + plan.session_minutes + plan.buffer_minutes
    )
    for begins, ends in joined:
        start = begins
        while start + session <= ends:
            yield start
            start += step


def candidates(plan, at):
    """Return every start from the notice to the horizon, in order."""
    today, found = day_of(plan, at), set()
    for offset in range(plan.horizon_days):
        found |= set(starts_on(plan, today + timedelta(days=offset)))
    return sorted(each for each in found if each >= at + timedelta(minutes=plan.notice_minutes))


def instants(ranges):
    return [
        tuple(datetime.fromtimestamp(60 * minute, UTC) for minute in each)
        for each in ranges
        if each[0] < each[1]
    ]


def is_free(plan, start, taken, session_days, dealer_starts):
    before = timedelta(minutes=plan.buffer_before_minutes)
    block_begins = start - before
    block_ends = start + timedelta(minutes=plan.session_minutes + plan.buffer_minutes)
    if any(begins < block_ends and block_begins < ends for begins, ends in taken):
        return False
    day = day_of(plan, start)
    monday = day - timedelta(days=day.weekday())
    if plan.day_cap is not None and session_days.count(day) >= plan.day_cap:
        return False
    of_week = [each for each in session_days if each - timedelta(days=each.weekday()) == monday]
    if plan.week_cap is not None and len(of_week) >= plan.week_cap:
        return False
    return plan.quota is None or within_quota(plan.quota, [*dealer_starts, start], start)


def within_quota(quota, starts, start):
    """Tell whether no 30 days that hold `start` hold more than `quota` of the starts."""
    for first in starts:
        held = [each for each in starts if first <= each < first + MONTH]
        if start in held and len(held) > quota:
            return False
    return True


def free(plan, at, taken):
    """Return what slots.free returns, as instants."""
    before = timedelta(minutes=plan.buffer_before_minutes)
    sessions = instants(taken.sessions)
    session_days = [day_of(plan, begins + before) for begins, _ in sessions]
    everything = sessions + instants(taken.outside) + instants(taken.dealer)
    dealer_starts = [datetime.fromtimestamp(60 * each, UTC) for each in taken.dealer_starts]
    return [
        start
        for start in candidates(plan, at)
        if is_free(plan, start, everything, session_days, dealer_starts)
    ]
