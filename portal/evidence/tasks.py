"""Periodic work: the head goes to the log, where nobody can rebuild it unseen; old details go."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

import structlog

from portal import clock
from portal.evidence import actions, queries

log = structlog.get_logger()
LOG_HEAD = "evidence.log_head"
FORGET_DETAILS = "evidence.forget_details"


def log_head(_args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Write the newest entry's number and hash to the log, ready for `evidence verify --anchor`."""
    seq, digest = queries.head()
    log.info("evidence.head", seq=seq, hash=digest, anchor=f"{seq}:{digest}")


def forget_details(_args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Erase the addresses and other details of what was done long ago."""
    log.info("evidence.details_forgotten", entries=actions.forget_old_details(at=clock.now()))


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[int, int], None]], None]] = {
    LOG_HEAD: log_head,
    FORGET_DETAILS: forget_details,
}
PERIODIC: Mapping[str, time] = {LOG_HEAD: time(4, 30), FORGET_DETAILS: time(4, 50)}
