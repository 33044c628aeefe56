"""Work of the calendars that a worker does."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from portal import clock
from portal.calendars import actions, importing
from portal.db import unit_of_work
from portal.outbox.rules import Period

log = structlog.get_logger()
IMPORT_DUE = "calendars.import_due"
Progress = Callable[[int, int], None]


def import_due(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Have every source read whose time has come, each by a job of its own."""
    with unit_of_work():
        count = actions.post_due(at=clock.now())
    log.info("calendars.due", sources=count)


def import_one(args: Mapping[str, Any], _progress: Progress) -> None:
    """Read one source; what is wrong with it is its consultant's to know, no failure of the job."""
    fault = importing.import_source(source_id=args["source_id"], now=clock.now)
    log.info("calendars.read", source_id=args["source_id"], fault=fault.value if fault else None)


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    actions.IMPORT: import_one,
    IMPORT_DUE: import_due,
}
PERIODIC: Mapping[str, Period] = {IMPORT_DUE: timedelta(minutes=5)}
