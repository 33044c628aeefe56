"""Work of the booking room that a worker does."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from portal import clock
from portal.booking.actions import reminders
from portal.db import unit_of_work
from portal.outbox.rules import Period

log = structlog.get_logger()
REMIND = "booking.remind"
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


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {REMIND: remind}
PERIODIC: Mapping[str, Period] = {REMIND: timedelta(minutes=5)}
