"""How long a note may be, how many a lesson has, and how long a deleted one can come back."""

from datetime import datetime, timedelta

MAX_CHARS = 2_000
MAX_DELETED_SHOWN = 50
MAX_PER_LESSON = 50  # of one person; the page of a lesson shows them all
KEPT_AFTER_DELETION = timedelta(days=30)
MAX_QUERY_CHARS = 80
PURGE = "notes.purge"


def can_come_back(*, deleted_at: datetime, at: datetime) -> bool:
    """Tell whether a note that was deleted can still be taken back."""
    return at - deleted_at < KEPT_AFTER_DELETION
