"""How long a job may be held, how often it is tried, when again, and when a periodic one is due."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
MAX_WORKERS_LOST = 10
"""Tries after which a job whose worker is gone again is taken for the cause of it.

More than a failure's: when a machine is restarted over and over, the same job may be the one at
hand each time, and it is not to blame.
"""
KEPT = timedelta(days=30)
"""How long a job that is over stays in the ledger."""
SEEN_LATELY = timedelta(seconds=90)
"""A worker that has not been heard of for longer is taken for gone."""
UNKNOWN_KIND = "UnknownKind"
WORKER_LOST = "WorkerLost"

Period = timedelta | time
"""How often a periodic job runs: every so often, or each day at a local wall-clock time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class JobState(StrEnum):
    """Where a job stands; DEAD jobs wait for a person."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Pile(StrEnum):
    """The piles that an operator sorts jobs by; a DEAD job fails until somebody gives it up."""

    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


def pause_after(attempt: int, *, spread: float) -> timedelta:
    """Return how long to wait before the next try, after `attempt` tries (1 for the first).

    `spread` from 0 to 1 shifts it by a fifth either way, so that jobs which failed together,
    because of the same thing, do not all come back at once.
    """
    return timedelta(seconds=min(5 * 4 ** (attempt - 1), 900) * (0.8 + 0.4 * spread))


def is_exhausted(attempt: int) -> bool:
    """Tell whether a job that failed `attempt` times is given up."""
    return attempt >= MAX_ATTEMPTS


def takes_its_workers_along(attempt: int) -> bool:
    """Tell whether a job is given up whose worker was lost at the last of `attempt` tries."""
    return attempt >= MAX_WORKERS_LOST


def next_due(period: Period, *, after: datetime, zone: tzinfo) -> datetime:
    """Return the first instant after `after` at which a periodic job is due.

    All workers find the same instants: an interval counts from 1970, a time of day is local to
    `zone`. Where clocks are put forward over it, it comes that much later; where they are put
    back, the first of the two counts.
    """
    if isinstance(period, timedelta):
        return _EPOCH + ((after - _EPOCH) // period + 1) * period
    day = after.astimezone(zone).date()
    due = datetime.combine(day, period, tzinfo=zone).astimezone(UTC)
    if due <= after:
        tomorrow = day + timedelta(days=1)
        due = datetime.combine(tomorrow, period, tzinfo=zone).astimezone(UTC)
    return due


def key_of_period(kind: str, due: datetime) -> str:
    """Return the key of a periodic job: there is one for each kind and period."""
    return f"{kind}@{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
