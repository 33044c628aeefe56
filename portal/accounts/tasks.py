"""Sending codes to phones, and forgetting sign-ins, failures, counts and challenges that ended."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from portal import clock
from portal.accounts.membership.actions import phones
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


def send_code(args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Send a code to a phone."""
    phones.send(code_id=args["code_id"], at=clock.now())


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[int, int], None]], None]] = {
    PURGE: purge,
    phones.SEND: send_code,
}
PERIODIC: Mapping[str, timedelta] = {PURGE: timedelta(hours=1)}
