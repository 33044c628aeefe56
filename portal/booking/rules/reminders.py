"""When those who meet are reminded of a session. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class Reminder(StrEnum):
    """One of the reminders of a session."""

    DAY = "day"
    HOUR = "hour"


BEFORE: Mapping[Reminder, timedelta] = {
    Reminder.DAY: timedelta(hours=24),
    Reminder.HOUR: timedelta(hours=1),
}
LONGEST = max(BEFORE.values())


def due(*, starts_at: datetime, known_since: datetime, at: datetime) -> Reminder | None:
    """Return the reminder that is due at `at`, or None.

    Only the nearest: after an outage nobody gets two at once. None when the session was agreed
    or moved later than the reminder would have come: that was told then.
    """
    if at >= starts_at:
        return None
    begun = [each for each in Reminder if starts_at - BEFORE[each] <= at]
    nearest = min(begun, key=BEFORE.__getitem__, default=None)
    if nearest is None or known_since > starts_at - BEFORE[nearest]:
        return None
    return nearest
