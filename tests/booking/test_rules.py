"""Free starts against a naive reference and across clock changes; hours; the life of a session."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.booking.rules import hours, sessions, slots
from portal.booking.rules.sessions import State
from portal.booking.rules.slots import Plan, Window

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def plan(**changed):
    facts = {
        "zone": "Asia/Shanghai",
        "session_minutes": 45,
        "buffer_minutes": 15,
        "notice_minutes": 120,
        "horizon_days": 21,
        "windows": [Window(6, 600, 900)],
    }
    return Plan(**(facts | changed))


def local_times(starts, zone):
    return [f"{slots.to_instant(start).astimezone(ZoneInfo(zone)):%d %H:%M}" for start in starts]


def naive_free(*, plan, at, busy):
    """The same list by aware datetimes and a search for each candidate."""
    zone = ZoneInfo(plan.zone)
    session, buffer = (timedelta(minutes=m) for m in (plan.session_minutes, plan.buffer_minutes))
    taken = [tuple(slots.to_instant(minute) for minute in each) for each in busy]
    found = []
    for offset in range(plan.horizon_days):
        day = at.astimezone(zone).date() + timedelta(days=offset)
        for window in plan.windows:
            if window.weekday != day.weekday() or day in plan.days_off:
                continue
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 – made aware below
            start, end = (
                (midnight + timedelta(minutes=m)).replace(tzinfo=zone).astimezone(UTC)
                for m in (window.starts_minute, window.ends_minute)
            )
            while start + session <= end:
                block_end = start + session + buffer
                clash = any(s < block_end and start < e for s, e in taken if s < e)
                if not clash and start >= at + timedelta(minutes=plan.notice_minutes):
                    found.append(slots.to_minute(start))
                start = block_end
    return sorted(found)


@st.composite
def a_weeks_windows(draw):
    windows = []
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        # Two bounds a window; at least five minutes between windows, so none touch.
        bounds = sorted(
            draw(
                st.sets(st.integers(0, 288), min_size=2, max_size=6).filter(
                    lambda b: len(b) % 2 == 0
                )
            )
        )
        windows += [
            Window(weekday, first * 5, last * 5)
            for first, last in zip(bounds[::2], bounds[1::2], strict=True)
        ]
    return windows


@settings(max_examples=150, deadline=None)
@given(
    windows=a_weeks_windows(),
    # Zones without a change in this time, so that placed windows cannot touch each other.
    zone=st.sampled_from(["Asia/Shanghai", "Asia/Kolkata", "UTC", "Asia/Kathmandu"]),
    session_minutes=st.integers(15, 240),
    buffer_minutes=st.integers(0, 60),
    busy=st.lists(
        st.tuples(st.integers(0, 21 * 1440), st.integers(0, 300)).map(
            lambda each: (
                slots.to_minute(NOW) + each[0],
                slots.to_minute(NOW) + each[0] + each[1],
            )
        ),
        max_size=40,
    ),
    days_off=st.frozensets(st.dates(date(2026, 11, 22), date(2026, 12, 12)), max_size=4),
    second=st.integers(0, 59),
)
def test_the_sweep_finds_what_a_search_per_candidate_finds(
    windows, zone, session_minutes, buffer_minutes, busy, days_off, second
):
    at = NOW + timedelta(seconds=second)
    of = plan(
        windows=windows,
        zone=zone,
        session_minutes=session_minutes,
        buffer_minutes=buffer_minutes,
        days_off=days_off,
    )

    assert slots.free(plan=of, at=at, busy=busy) == naive_free(plan=of, at=at, busy=busy)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(
        ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"]
    ),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    starts_hour=st.integers(4, 20),
)
def test_wall_clock_hours_stay_where_they_are_all_year(zone, at, starts_hour):
    windows = [Window(day, starts_hour * 60, starts_hour * 60 + 120) for day in range(7)]

    found = slots.offered(plan=plan(zone=zone, windows=windows), at=at)

    clocks = {text[3:] for text in local_times(found, zone)}
    assert clocks == {f"{starts_hour:02d}:00", f"{starts_hour + 1:02d}:00"}


SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # New York's changes, both Sundays


@pytest.mark.parametrize(
    ("day", "window", "expected"),
    [
        pytest.param(SPRING, (9, 11), ["08 09:00", "08 10:00"], id="morning-after-spring"),
        pytest.param(AUTUMN, (9, 11), ["01 09:00", "01 10:00"], id="morning-after-autumn"),
        pytest.param(SPRING, (1, 4), ["08 01:00", "08 03:00"], id="three-hours-on-paper-are-two"),
        pytest.param(
            AUTUMN, (0, 3), ["01 00:00", "01 01:00", "01 01:00", "01 02:00"], id="three-are-four"
        ),
        pytest.param(SPRING, (2, 3), [], id="an-hour-that-never-was"),
        pytest.param(SPRING, (22, 24), ["08 22:00", "08 23:00"], id="until-midnight"),
    ],
)
def test_a_day_on_which_the_clock_changes(day, window, expected):
    of = plan(zone="America/New_York", windows=[Window(6, window[0] * 60, window[1] * 60)])

    found = list(slots.candidates(plan=of, first_day=day, last_day=day))

    assert local_times(found, "America/New_York") == expected
    assert found == sorted(set(found))


def test_the_notice_hides_what_begins_too_soon_and_the_edge_is_kept():
    at_ten = slots.offered(plan=plan(), at=NOW, days=1)
    a_second_later = slots.offered(plan=plan(), at=NOW + timedelta(seconds=1), days=1)

    assert local_times(at_ten, "Asia/Shanghai") == ["22 12:00", "22 13:00", "22 14:00"]
    assert local_times(a_second_later, "Asia/Shanghai") == ["22 13:00", "22 14:00"]


def test_a_session_ends_within_its_window_and_the_buffer_may_reach_beyond():
    of = plan(windows=[Window(0, 600, 645), Window(1, 600, 644)])

    found = slots.offered(plan=of, at=NOW, days=7)

    assert local_times(found, "Asia/Shanghai") == ["23 10:00"]


def test_a_booking_off_the_grid_hides_both_starts_that_it_touches():
    ten = slots.to_minute(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    of = plan(windows=[Window(0, 600, 840)])

    found = slots.free(plan=of, at=NOW, busy=[(ten + 50, ten + 110)], days=7)

    assert found == [ten + 120, ten + 180]


def test_the_nearest_starts_come_in_order_and_the_earlier_of_two_equals_wins():
    assert slots.nearest(starts=[10, 40, 55, 90, 300], to=50, count=3) == [10, 40, 55]


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("09:30", 570), ("9:05", 545), ("23:59", 1439), ("24:00", None), ("早上", None), ("9", None)],
)
def test_a_time_of_day_is_read_or_refused(typed, minute):
    assert hours.wall_clock_minute(typed) == minute


def test_an_end_at_midnight_is_the_end_of_the_day():
    assert hours.read_day(weekday=2, typed=[("20:00", "00:00"), ("", "")]) == [
        Window(2, 1200, 1440)
    ]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ([("09:00", "")], hours.Problem.HALF),
        ([("9点", "11:00")], hours.Problem.UNREADABLE),
        ([("18:00", "09:00")], hours.Problem.BACKWARDS),
        ([("09:00", "09:30")], hours.Problem.TOO_SHORT),
        ([("09:00", "12:00"), ("11:00", "14:00")], hours.Problem.OVERLAP),
    ],
)
def test_hours_that_cannot_stand_name_the_day_and_the_reason(typed, problem):
    with pytest.raises(hours.BadHours) as refused:
        hours.check(windows=hours.read_day(weekday=3, typed=typed), session_minutes=45)

    assert refused.value.problems == {3: problem}


def test_windows_that_touch_can_stand():
    hours.check(windows=[Window(0, 540, 720), Window(0, 720, 900)], session_minutes=45)


@pytest.mark.parametrize("current", list(State))
@pytest.mark.parametrize("target", list(State))
def test_only_the_steps_of_the_table_are_taken(current, target):
    allowed = {
        (State.BOOKED, State.CANCELLED),
        (State.BOOKED, State.DONE),
        (State.BOOKED, State.NO_SHOW),
        (State.DONE, State.NO_SHOW),
        (State.NO_SHOW, State.DONE),
    }
    if (current, target) in allowed:
        assert sessions.move(current=current, target=target) is target
    else:
        with pytest.raises(sessions.IllegalMove):
            sessions.move(current=current, target=target)


def test_a_dealer_cancels_until_two_hours_before_and_not_a_second_later():
    edge = NOW + sessions.CANCEL_UNTIL

    assert sessions.may_cancel(state=State.BOOKED, starts_at=edge, at=NOW)
    assert not sessions.may_cancel(
        state=State.BOOKED, starts_at=edge, at=NOW + timedelta(seconds=1)
    )
    with pytest.raises(sessions.TooLate):
        sessions.cancel(current=State.BOOKED, starts_at=edge, at=NOW + timedelta(seconds=1))


def test_nobody_missed_a_session_that_has_not_begun():
    with pytest.raises(sessions.TooEarly):
        sessions.conclude(
            current=State.BOOKED,
            target=State.NO_SHOW,
            starts_at=NOW + timedelta(seconds=1),
            at=NOW,
        )


@pytest.mark.parametrize("text", ["", "2026", "20261124T0200", "20261324T0200Z", "x" * 400])
def test_nonsense_in_an_address_is_no_start(text):
    assert sessions.start_from_address(text) is None


def test_a_start_survives_its_way_through_an_address():
    assert sessions.start_from_address(sessions.start_in_address(NOW)) == NOW
