"""How a round goes on: asked for, decided, told."""

from collections.abc import Mapping
from enum import StrEnum

LONGEST_DAYS = 14
MOST_CAP = 3
TOPIC_LENGTH = 300


class RoundState(StrEnum):
    """Where a round is in its life."""

    OPEN = "open"  # dealers ask
    CLOSED = "closed"  # nobody asks any more; the result is being found
    DECIDED = "decided"  # an operator looks at the result
    PUBLISHING = "publishing"  # sessions are being booked
    PUBLISHED = "published"
    CANCELLED = "cancelled"


MOVES: Mapping[RoundState, frozenset[RoundState]] = {
    RoundState.OPEN: frozenset({RoundState.CLOSED, RoundState.CANCELLED}),
    RoundState.CLOSED: frozenset({RoundState.DECIDED, RoundState.CANCELLED}),
    RoundState.DECIDED: frozenset({RoundState.PUBLISHING, RoundState.CANCELLED}),
    RoundState.PUBLISHING: frozenset({RoundState.PUBLISHED}),
    RoundState.PUBLISHED: frozenset(),
    RoundState.CANCELLED: frozenset(),
}


class Outcome(StrEnum):
    """What became of a request."""

    GIVEN = "given"
    NOTHING = "nothing"
    GONE = "gone"  # given, but the hour or the dealer was taken when it was booked


class IllegalMove(Exception):
    """The life of a round knows no such step."""

    def __init__(self, *, current: RoundState, target: RoundState) -> None:
        super().__init__(f"{current} to {target}")
        self.current = current
        self.target = target


def move(*, current: RoundState, target: RoundState) -> RoundState:
    """Return `target` if the life of a round allows the step, else raise IllegalMove."""
    if target not in MOVES[current]:
        raise IllegalMove(current=current, target=target)
    return target
