"""Weekly hours as typed; the life of a session."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.booking.rules import hours, sessions
from portal.booking.rules.sessions import State
from portal.booking.rules.slots import Window

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


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
