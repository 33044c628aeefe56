"""How an order import may move, how its file is shown, and which facts count as a warning."""

import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

MAX_NAME_CHARS = 120
UNDER_WAY = timedelta(days=1)  # longer than any upload takes until it is written down
KEPT_UNCONFIRMED = timedelta(days=7)  # an order file holds contacts: nobody keeps it for later
# Invisible or turning characters can make one file name look like another.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class State(StrEnum):
    """Where an import stands."""

    CHECKED = "checked"
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    DISCARDED = "discarded"
    FAILED = "failed"


MOVES: Mapping[State, frozenset[State]] = {
    State.CHECKED: frozenset({State.CONFIRMED, State.DISCARDED}),
    State.CONFIRMED: frozenset({State.IMPORTED, State.FAILED}),
    State.FAILED: frozenset({State.CONFIRMED, State.DISCARDED}),
    State.REFUSED: frozenset(),
    State.IMPORTED: frozenset(),
    State.DISCARDED: frozenset(),
}


class IllegalMove(ValueError):
    """The import cannot go from where it stands to there."""

    def __init__(self, *, current: State, target: State) -> None:
        super().__init__(f"{current} -> {target}")
        self.current, self.target = current, target


def move(*, current: State, target: State) -> State:
    """Return `target` if the life cycle allows the step, else raise IllegalMove."""
    if target not in MOVES[current]:
        raise IllegalMove(current=current, target=target)
    return target


def sources_of(target: State) -> frozenset[State]:
    """Return the states from which an import may go to `target`."""
    return frozenset(state for state, targets in MOVES.items() if target in targets)


ENDINGS = (".csv", ".tsv", ".txt")
PACKED = ".gz"


class Ending(StrEnum):
    """What is wrong with the ending of a file's name."""

    UNEXPECTED = "unexpected"
    SAYS_PACKED = "says packed"
    SAYS_PLAIN = "says plain"


def wrong_ending(name: str, *, packed: bool) -> Ending | None:
    """Return what the ending of a name says that the content is not; None when they agree.

    `packed`: whether the content is gzip.
    """
    lower = name.lower()
    if lower.endswith(PACKED) != packed:
        return Ending.SAYS_PLAIN if packed else Ending.SAYS_PACKED
    return None if lower.removesuffix(PACKED).endswith(ENDINGS) else Ending.UNEXPECTED


def shown_name(raw: str | None) -> str:
    """Return a file's name as one plain line, without folders; "" when there is none.

    A name of more than 120 characters is cut in its middle, so that its ending stays.
    """
    name = (raw or "").replace("\\", "/").rpartition("/")[2]
    visible = "".join(char for char in name if unicodedata.category(char) not in _HIDDEN)
    line = " ".join(unicodedata.normalize("NFC", visible).split())
    if len(line) <= MAX_NAME_CHARS:
        return line
    half = MAX_NAME_CHARS // 2
    return f"{line[: half - 1]}…{line[-half:]}"
