"""Periodic work: forgetting sign-ins, failures, counts and challenges that no longer count."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from portal import clock
from portal.accounts.sign_in import counting
from portal.accounts.sign_in.actions import attempts, passkeys, sessions
from portal.db import unit_of_work

log = structlog.get_logger()
PURGE = "sign_in.purge"


def purge(_args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Forget what has run out."""
    at = clock.now()
    with unit_of_work():
        rows = sum(
            forget(at=at)
            for forget in (
                sessions.forget_old,
                attempts.forget_old,
                counting.forget_old,
                passkeys.forget_old,
            )
        )
    log.info("sign_in.purged", rows=rows)


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[int, int], None]], None]] = {
    PURGE: purge
}
PERIODIC: Mapping[str, timedelta] = {PURGE: timedelta(hours=1)}
