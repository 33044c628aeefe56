"""The job that issues a certificate once a course is completed."""

from collections.abc import Callable, Mapping
from typing import Any

from portal import clock
from portal.certificates import actions
from portal.learning.completing import COMPLETED


def issue(args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Issue what an enrolment has earned; what is issued already stays as it is."""
    actions.issue_for(enrolment_id=args["enrolment_id"], at=clock.now())


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[int, int], None]], None]] = {
    COMPLETED: issue
}
