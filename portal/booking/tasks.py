"""Work of the booking room that a worker does: reminders, and the end of what nobody answered."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from portal import clock
from portal.booking.actions import changes, reminders
from portal.db import unit_of_work
from portal.outbox.rules import Period

log = structlog.get_logger()
REMIND = "booking.remind"
END_UNANSWERED = "booking.end_unanswered"
Progress = Callable[[int, int], None]


def remind(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Remind both sides of the sessions that come up, each once."""
    with unit_of_work():
        waiting = reminders.due(at=clock.now())
    told = 0
    for booking_id in waiting:
        with unit_of_work():
            told += reminders.remind(booking_id=booking_id, at=clock.now())
    log.info("sessions.reminded", sessions=told)


def end_unanswered(_args: Mapping[str, Any], _progress: Progress) -> None:
    """End the sessions that no consultant said yes to in time, and tell both sides."""
    log.info("sessions.unanswered", ended=changes.end_unanswered(at=clock.now()))


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    REMIND: remind,
    END_UNANSWERED: end_unanswered,
}
PERIODIC: Mapping[str, Period] = {
    REMIND: timedelta(minutes=5),
    # Their time is free for others as soon as it ran out; this is only about telling the shop.
    END_UNANSWERED: timedelta(minutes=10),
}
