"""Free starts: the same as a naive search and an interval library find, across clock changes too.

And why there is none: a reason for every start that fell.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import naive_slots
import portion
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.booking.rules import reasons, slots
from portal.booking.rules.reasons import Reason
from portal.booking.rules.slots import Plan, Taken, Travel, Window

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Cairo",
]


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


@st.composite
def some_ranges(draw, *, most=3):
    """Windows of a day in wall-clock minutes; they may touch and overlap."""
    found = draw(st.lists(st.tuples(st.integers(0, 286), st.integers(1, 120)), max_size=most))
    return [(begins * 5, min(begins * 5 + length * 5, 1440)) for begins, length in found]


@st.composite
def some_plans(draw, first_day):
    days = st.integers(0, 20).map(lambda offset: first_day + timedelta(days=offset))
    windows = [
        Window(weekday, *each)
        for weekday in draw(st.sets(st.integers(0, 6), min_size=3))
        for each in draw(some_ranges())
    ]
    goes, stays = draw(days), draw(st.integers(0, 9))
    journey = Travel(goes, goes + timedelta(days=stays), draw(st.sampled_from(ZONES)))
    return plan(
        zone=draw(st.sampled_from(ZONES)),
        windows=windows,
        session_minutes=draw(st.integers(15, 120)),
        buffer_minutes=draw(st.integers(0, 60)),
        buffer_before_minutes=draw(st.integers(0, 60)),
        interval_minutes=draw(st.none() | st.integers(5, 120)),
        notice_minutes=draw(st.sampled_from([0, 120, 2880])),
        days_off=draw(st.frozensets(days, max_size=3)),
        overrides=draw(st.dictionaries(days, some_ranges(), max_size=3)),
        holidays=draw(st.dictionaries(days, st.none() | st.integers(0, 6), max_size=4)),
        travels=draw(st.sampled_from([(), (journey,)])),
        day_cap=draw(st.none() | st.integers(1, 3)),
        week_cap=draw(st.none() | st.integers(1, 6)),
        quota=draw(st.none() | st.integers(1, 3)),
    )


@st.composite
def some_cases(draw):
    """A plan, a moment in a year with clock changes in every zone, and what is taken then."""
    at = draw(st.datetimes(datetime(2026, 1, 1), datetime(2027, 11, 1), timezones=st.just(UTC)))  # noqa: DTZ001 – st adds the zone
    begins = slots.to_minute(at)
    minutes = st.integers(-7 * 1440, 22 * 1440).map(lambda offset: begins + offset)
    busy = st.lists(st.tuples(minutes, st.integers(0, 300)), max_size=15).map(
        lambda found: [(each, each + length) for each, length in found]
    )
    taken = Taken(
        sessions=[each for each in draw(busy) if each[0] < each[1]],  # no block is empty
        outside=draw(busy),
        dealer=draw(busy),
        dealer_starts=draw(st.lists(minutes, max_size=6)),
    )
    return draw(some_plans(at.date())), at, taken


@settings(max_examples=150, deadline=None)
@given(case=some_cases())
def test_the_sweep_finds_what_a_search_per_candidate_finds_and_gives_a_reason_for_the_rest(case):
    of, at, taken = case

    found = slots.free(plan=of, at=at, taken=taken)
    first, last = slots.day_of(plan=of, instant=at), slots.last_day(plan=of, at=at)
    verdicts = reasons.explain(plan=of, at=at, taken=taken, first_day=first, last_day=last)

    assert [slots.to_instant(each) for each in found] == naive_slots.free(of, at, taken)
    assert [each.start for each in verdicts if each.reason is None] == found
    assert [each.start for each in verdicts] == slots.planned(
        plan=of, first_day=first, last_day=last
    )
    offered = slots.offered(plan=of, at=at)
    nearby = [each.start for each in verdicts] + [each + 1 for each in offered[:3]]
    assert [each for each in nearby if slots.is_offered(plan=of, start=each, at=at)] == offered


@settings(max_examples=60, deadline=None)
@given(case=some_cases())
def test_an_interval_library_leaves_the_same_starts(case):
    of, at, taken = case
    window = portion.Interval()
    for begins, ends in (*taken.sessions, *taken.outside, *taken.dealer):
        window |= portion.closedopen(begins, ends)

    def fits(start):
        block = portion.closedopen(
            start - of.buffer_before_minutes, start + of.session_minutes + of.buffer_minutes
        )
        return (window & block).empty

    starts = slots.offered(plan=of, at=at)
    busy = slots.around(plan=of, busy=(*taken.sessions, *taken.outside, *taken.dealer))
    assert slots.without(starts=starts, blocked=slots.merged(busy)) == list(filter(fits, starts))


def clocks(of, day):
    starts = slots.candidates(plan=of, first_day=day, last_day=day)
    return [text[3:] for text in local_times(starts, of.zone)]


# 2026 as the State Council announced it: Spring Festival from 15 to 23 February, with Saturday
# the 14th and Saturday the 28th worked for Friday the 20th and Monday the 23rd.
SPRING_FESTIVAL = {date(2026, 2, day): None for day in range(15, 24)} | {
    date(2026, 2, 14): 4,
    date(2026, 2, 28): 0,
}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2026, 2, 13), ["10:00"], id="the Friday before"),
        pytest.param(date(2026, 2, 14), ["10:00"], id="a Saturday worked as a Friday"),
        pytest.param(date(2026, 2, 15), [], id="a Sunday of the festival"),
        pytest.param(date(2026, 2, 18), [], id="a Wednesday of the festival"),
        pytest.param(date(2026, 2, 20), [], id="the Friday that was swapped"),
        pytest.param(date(2026, 2, 21), [], id="a Saturday within the festival"),
        pytest.param(date(2026, 2, 24), ["09:00"], id="the Tuesday after"),
        pytest.param(date(2026, 2, 28), ["08:00"], id="a Saturday worked as a Monday"),
        pytest.param(date(2026, 3, 7), ["14:00"], id="a Saturday like any other"),
    ],
)
def test_make_up_days_work_as_the_weekday_they_stand_for_and_holidays_do_not_work(day, expected):
    hours = {0: 8, 1: 9, 2: 9, 3: 9, 4: 10, 5: 14}
    of = plan(
        windows=[Window(day, hour * 60, hour * 60 + 45) for day, hour in hours.items()],
        holidays=SPRING_FESTIVAL,
    )

    assert clocks(of, day) == expected


def test_hours_of_its_own_open_a_holiday_and_leave_closes_them_again():
    festival = date(2026, 2, 18)
    of = plan(holidays=SPRING_FESTIVAL, overrides={festival: [(1200, 1260)]})

    assert clocks(of, festival) == ["20:00"]
    assert clocks(plan(overrides=of.overrides, days_off=frozenset({festival})), festival) == []


def test_on_a_journey_the_hours_are_those_of_the_clock_on_the_wall_there():
    monday = date(2026, 11, 23)
    away = Travel(date(2026, 11, 24), date(2026, 11, 24), "Europe/Berlin")
    of = plan(windows=[Window(day, 540, 600) for day in range(7)], travels=(away,))

    starts = slots.candidates(plan=of, first_day=monday, last_day=monday + timedelta(days=2))

    assert local_times(starts, "Asia/Shanghai") == ["23 09:00", "24 16:00", "25 09:00"]


def test_starts_may_follow_each_other_closer_than_sessions_do():
    of = plan(windows=[Window(6, 600, 690)], interval_minutes=15)

    assert clocks(of, date(2026, 11, 29)) == ["10:00", "10:15", "10:30", "10:45"]


def test_why_there_is_no_slot_is_answered_for_every_start():
    ten = slots.to_minute(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    of = plan(
        windows=[Window(day, 600, 1080) for day in range(7)],
        session_minutes=45,
        horizon_days=10,
        days_off=frozenset({date(2026, 11, 24)}),
        holidays={date(2026, 11, 25): None},
        day_cap=2,
    )
    thursday = ten + 3 * 1440
    taken = Taken(
        sessions=[(ten, ten + 60), (thursday, thursday + 60), (thursday + 120, thursday + 180)],
        outside=[(ten + 150, ten + 170)],
        dealer=[(ten + 300, ten + 360)],
    )

    verdicts = reasons.explain(
        plan=of, at=NOW, taken=taken, first_day=date(2026, 11, 22), last_day=date(2026, 12, 2)
    )

    counts = Counter(each.reason for each in verdicts)
    assert counts == {
        Reason.NOTICE: 2,  # 10:00 and 11:00 today
        Reason.LEAVE: 8,
        Reason.HOLIDAY: 8,
        Reason.BUSY: 1 + 2,
        Reason.OUTSIDE: 1,
        Reason.DEALER_BUSY: 1,
        Reason.DAY_CAP: 6,
        Reason.HORIZON: 8,
        None: len(slots.free(plan=of, at=NOW, taken=taken)),
    }
    assert sum(counts.values()) == 11 * 8


def test_a_quota_counts_thirty_days_around_a_start_and_not_a_minute_more():
    held = [slots.to_minute(NOW) + day * 1440 for day in (1, 11)]
    windows = [Window(day, 600, 645) for day in range(7)]
    of = plan(quota=2, windows=windows, horizon_days=60, notice_minutes=0)

    found = slots.free(plan=of, at=NOW, taken=Taken(dealer_starts=held))

    days = [(each - slots.to_minute(NOW)) / 1440 for each in found]
    assert min(days) == 31  # thirty days after the first of the two


@settings(max_examples=30, deadline=None)
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

    found = slots.free(plan=of, at=NOW, taken=Taken(sessions=[(ten + 50, ten + 110)]), days=7)

    assert found == [ten + 120, ten + 180]


def test_the_nearest_starts_come_in_order_and_the_earlier_of_two_equals_wins():
    assert slots.nearest(starts=[10, 40, 55, 90, 300], to=50, count=3) == [10, 40, 55]
