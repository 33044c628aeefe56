"""Jobs of reports, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from typing import Any

from portal import clock
from portal.reporting import actions
from portal.reporting.actions import Progress


def build_reports(args: Mapping[str, Any], progress: Progress) -> None:
    """Build all reports."""
    actions.build_now(build_id=args["build_id"], now=clock.now, progress=progress)


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    actions.BUILD: build_reports
}
