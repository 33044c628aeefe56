"""What became of a try to tell somebody outside the portal, and when the next try is due."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# A mail server that greylists wants a quarter of an hour, a shop's server may be off for a night.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
ANSWER_LENGTH = 500


class Verdict(StrEnum):
    """Whether a try did it, may do it later, or never will."""

    SENT = "sent"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One try, with the other side's words."""

    verdict: Verdict
    answer: str
    bounced: bool = False  # the other side says that there is no such mailbox


def sent(answer: str) -> Outcome:
    """The other side took it."""
    return Outcome(Verdict.SENT, brief(answer))


def later(answer: str) -> Outcome:
    """It did not work now and may work later."""
    return Outcome(Verdict.LATER, brief(answer))


def never(answer: str, *, bounced: bool = False) -> Outcome:
    """It will not work however often it is tried."""
    return Outcome(Verdict.NEVER, brief(answer), bounced)


def brief(answer: str) -> str:
    """Return the other side's words on one line, without control characters, not too long."""
    printable = "".join(each if each.isprintable() else " " for each in answer)
    return " ".join(printable.split())[:ANSWER_LENGTH]


def pause_after(tries: int) -> timedelta | None:
    """Return how long to wait after so many tries (1 for the first), or None to give up."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
