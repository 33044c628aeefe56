"""Outside calendars: what can be wrong with a source, and when it is asked again. Pure."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

MOST_SOURCES = 5  # of one consultant
REFRESH = timedelta(minutes=30)
# Between tries of a source that fails: soon at first, then so that nobody is bothered.
_PAUSES = (
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
)
TOLD_AFTER = 4  # failures in a row: hours, so that a server's bad moment bothers nobody
# A session is offered up to the horizon, and one that begins then may last.
BEFORE, BEYOND = timedelta(days=1), timedelta(days=7)


class SourceKind(StrEnum):
    """How an outside calendar is asked."""

    ICS = "ics"  # one address with the whole calendar
    CALDAV = "caldav"  # a server, with name and password


class Fault(StrEnum):
    """Why a source gave nothing at its last try."""

    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"  # an address that must not be called
    REFUSED = "refused"  # it wants a password, or another one
    GONE = "gone"
    ANSWERED = "answered"  # some other error of the other side
    TOO_BIG = "too_big"
    NO_CALENDAR = "no_calendar"
    TOO_SLOW = "too_slow"
    SEALED = "sealed"  # the address or password cannot be opened any more


class SourceFault(Exception):
    """A source gave nothing; `answer` is the other side's own words, or nothing."""

    def __init__(self, fault: Fault, answer: str = "") -> None:
        super().__init__(f"{fault.value}: {answer}")
        self.fault = fault
        self.answer = answer


def next_try(*, at: datetime, failures: int) -> datetime:
    """Return when a source is asked again after so many failures in a row, 0 after a success."""
    if not failures:
        return at + REFRESH
    return at + _PAUSES[min(failures, len(_PAUSES)) - 1]


def window(*, at: datetime, horizon_days: int) -> tuple[datetime, datetime]:
    """Return for which time busy intervals are kept: from <= t < until."""
    return at - BEFORE, at + timedelta(days=horizon_days) + BEYOND


def normalised(url: str) -> str:
    """Return an address as it is called: programs hand out webcal:// for https://."""
    text = url.strip()
    for scheme in ("webcal://", "webcals://"):
        if text.lower().startswith(scheme):
            return "https://" + text[len(scheme) :]
    return text


def hash_of(token: str) -> str:
    """Return what is kept of a feed's token: from this nobody can tell the token."""
    return hashlib.sha256(token.encode()).hexdigest()
