"""How a ticket goes from a wish to a release, and what each step has to say to who asked."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    BUILDING = "building"
    RELEASED = "released"
    DECLINED = "declined"


class EventKind(StrEnum):
    """What happened to a ticket."""

    OPENED = "opened"
    LINKED = "linked"
    ACCEPTED = "accepted"
    BUILDING = "building"
    RELEASED = "released"
    DECLINED = "declined"


MOVES: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.ACCEPTED, State.DECLINED}),
    State.ACCEPTED: frozenset({State.BUILDING, State.RELEASED, State.DECLINED}),
    State.BUILDING: frozenset({State.RELEASED, State.DECLINED}),
    State.RELEASED: frozenset(),
    State.DECLINED: frozenset(),
}
RELEASABLE = frozenset(state for state, targets in MOVES.items() if State.RELEASED in targets)
ACTIVE = frozenset(state for state, targets in MOVES.items() if targets)
# Who asked reads these words, so there must be some.
SPOKEN = frozenset({State.ACCEPTED, State.DECLINED})


class IllegalMove(ValueError):
    """The life cycle does not allow this step."""

    def __init__(self, *, current: State, target: State) -> None:
        super().__init__(f"{current} -> {target}")
        self.current = current
        self.target = target


class NeedsWords(ValueError):
    """The dealers who asked are owed an answer or a reason with this step."""


class NotYetReleased(ValueError):
    """A release is announced when it is out: its date lies in the future."""


def move(*, current: State, target: State, text: str) -> State:
    """Return `target` if the life cycle allows the step and nothing is left unsaid.

    Raises IllegalMove, NeedsWords.
    """
    if target not in MOVES[current]:
        raise IllegalMove(current=current, target=target)
    if target in SPOKEN and not text.strip():
        raise NeedsWords(target)
    return target


def by_hand(state: State) -> tuple[State, ...]:
    """Return the steps that a supplier takes on the ticket itself; releasing is announcing."""
    return tuple(each for each in State if each in MOVES[state] and each is not State.RELEASED)


def check_release_date(*, released_on: date, today: date) -> None:
    """Raise NotYetReleased when the local date `released_on` lies after `today`."""
    if released_on > today:
        raise NotYetReleased(released_on)


def shipped_text(*, title: str, notes: str) -> str:
    """Return what who asked reads about a release, as Markdown."""
    return f"**{title.strip()}**\n\n{notes.strip()}"
