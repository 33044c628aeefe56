"""The ledger's own job: it clears itself of what has long been over."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

import structlog

from portal import clock
from portal.outbox import periodic
from portal.outbox.rules import Period

log = structlog.get_logger()
PURGE = "outbox.purge"


def purge(_args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Delete jobs that are long over."""
    log.info("jobs.purged", jobs=periodic.purge(at=clock.now()))


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[int, int], None]], None]] = {
    PURGE: purge
}
PERIODIC: Mapping[str, Period] = {PURGE: time(4, 10)}
