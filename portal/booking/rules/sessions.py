"""The life of a session: booked, moved, then held, missed or cancelled in time; and how long a
time is kept for somebody who has not booked it yet.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

CANCEL_UNTIL = timedelta(hours=2)
HELD_FOR = timedelta(minutes=5)  # while the form is filled
ANSWER_WITHIN = timedelta(hours=24)  # when the consultant wants to say yes first
_ADDRESS_FORMAT = "%Y%m%dT%H%MZ"


class State(StrEnum):
    """Where a session is in its life."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    DONE = "done"
    NO_SHOW = "no_show"


class Blocked(StrEnum):
    """Why a time is blocked."""

    HOLD = "hold"  # a form is being filled; with a booking: its consultant has to say yes
    OFFER = "offer"  # kept for one shop that was asked whether it wants the time
    CONFIRMED = "confirmed"


# Held and missed may be swapped: a slip of the thumb must not stay on a shop's record.
MOVES: Mapping[State, frozenset[State]] = {
    State.BOOKED: frozenset({State.CANCELLED, State.DONE, State.NO_SHOW}),
    State.DONE: frozenset({State.NO_SHOW}),
    State.NO_SHOW: frozenset({State.DONE}),
    State.CANCELLED: frozenset(),
}


class IllegalMove(Exception):
    """The life of a session knows no such step."""

    def __init__(self, *, current: State, target: State) -> None:
        super().__init__(f"{current} to {target}")
        self.current = current
        self.target = target


class TooLate(Exception):
    """The session begins too soon to be cancelled."""


class TooEarly(Exception):
    """The session has not begun: nobody can have held or missed it."""


def move(*, current: State, target: State) -> State:
    """Return `target` if the life of a session allows the step, else raise IllegalMove."""
    if target not in MOVES[current]:
        raise IllegalMove(current=current, target=target)
    return target


def may_cancel(*, state: State, starts_at: datetime, at: datetime) -> bool:
    """Return whether the dealer may still cancel at the instant `at`."""
    return State.CANCELLED in MOVES[state] and at <= starts_at - CANCEL_UNTIL


def cancel(*, current: State, starts_at: datetime, at: datetime) -> State:
    """Return CANCELLED; raise TooLate close to the beginning, IllegalMove when it is over."""
    target = move(current=current, target=State.CANCELLED)
    if at > starts_at - CANCEL_UNTIL:
        raise TooLate
    return target


def may_move_as_consultant(*, state: State, starts_at: datetime, at: datetime) -> bool:
    """Return whether the consultant may still choose another time at the instant `at`."""
    return State.CANCELLED in MOVES[state] and at < starts_at


def move_as_dealer(*, current: State, starts_at: datetime, at: datetime) -> None:
    """Raise TooLate close to the beginning, IllegalMove when the session is over."""
    move(current=current, target=State.CANCELLED)  # what cannot be given back cannot be moved
    if at > starts_at - CANCEL_UNTIL:
        raise TooLate


def move_as_consultant(*, current: State, starts_at: datetime, at: datetime) -> None:
    """Raise TooLate once the session has begun, IllegalMove when it is over."""
    move(current=current, target=State.CANCELLED)
    if at >= starts_at:
        raise TooLate


def answer_by(*, starts_at: datetime, at: datetime) -> datetime:
    """Return until when a consultant has to say yes: a day from now, never past the beginning."""
    return min(at + ANSWER_WITHIN, starts_at)


def conclude(*, current: State, target: State, starts_at: datetime, at: datetime) -> State:
    """Return DONE or NO_SHOW; raise TooEarly before the beginning, IllegalMove when cancelled."""
    concluded = move(current=current, target=target)
    if at < starts_at:
        raise TooEarly
    return concluded


def start_in_address(instant: datetime) -> str:
    """Return an instant as addresses and forms name a start, e.g. 20261124T0200Z."""
    return instant.astimezone(UTC).strftime(_ADDRESS_FORMAT)


def start_from_address(text: str) -> datetime | None:
    """Return the instant that an address names, or None when it names none."""
    try:
        return datetime.strptime(text, _ADDRESS_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
