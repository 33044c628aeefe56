"""Jobs of notes, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from portal import clock
from portal.notes import actions, rules
from portal.outbox.rules import Period

Progress = Callable[[int, int], None]


def purge(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Erase notes that were deleted long ago."""
    actions.purge(at=clock.now())


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {rules.PURGE: purge}
PERIODIC: Mapping[str, Period] = {rules.PURGE: time(3, 50)}
