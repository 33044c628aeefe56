"""How long a job may be held, how often it is tried, and when again."""

from datetime import timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5


class JobState(StrEnum):
    """Where a job stands; DEAD jobs wait for a person."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


def pause_after(attempt: int) -> timedelta:
    """Return how long to wait before the next try, after `attempt` tries (1 for the first)."""
    return timedelta(seconds=min(5 * 4 ** (attempt - 1), 900))


def is_exhausted(attempt: int) -> bool:
    """Tell whether a job that failed `attempt` times is given up."""
    return attempt >= MAX_ATTEMPTS
