"""Periodic work: forgetting answers that were kept long enough."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from portal import clock
from portal.idempotency import actions

PURGE = "idempotency.purge"


def purge(_args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Forget the answers that were kept long enough."""
    actions.purge(at=clock.now())


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[int, int], None]], None]] = {
    PURGE: purge
}
PERIODIC: Mapping[str, timedelta] = {PURGE: timedelta(hours=1)}
