"""Jobs of review cards, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

import structlog

from portal import clock
from portal.outbox.rules import Period
from portal.review import actions, rules

log = structlog.get_logger()
Progress = Callable[[int, int], None]


def remind(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Remind everybody for whom cards are due."""
    log.info("review.reminded", persons=actions.remind(at=clock.now()))


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {rules.REMIND: remind}
# Before the shops open; what is not urgent goes into the day's digest.
PERIODIC: Mapping[str, Period] = {rules.REMIND: time(8, 40)}
