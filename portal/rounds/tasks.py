"""Jobs of rounds, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from portal import clock
from portal.db import unit_of_work
from portal.rounds import actions

log = structlog.get_logger()
Progress = Callable[[int, int], None]


def announce(args: Mapping[str, Any], _progress: Progress) -> None:
    """Tell every shop that a round is open."""
    shops = actions.announce(round_id=args["round_id"], at=clock.now())
    log.info("round.announced", round_id=args["round_id"], shops=shops)


def decide(args: Mapping[str, Any], _progress: Progress) -> None:
    """Find who gets which hour."""
    decided = actions.decide(round_id=args["round_id"], at=clock.now())
    log.info("round.decided", round_id=args["round_id"], decided=decided)


def publish(args: Mapping[str, Any], progress: Progress) -> None:
    """Book what was given, one request at a time, then say the result."""
    waiting = actions.request_ids(args["round_id"])
    for done, request_id in enumerate(waiting):
        with unit_of_work():
            actions.book_given(request_id=request_id, at=clock.now())
        progress(done + 1, len(waiting))
    if waiting:
        actions.finish(round_id=args["round_id"], at=clock.now())


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    actions.ANNOUNCE: announce,
    actions.DECIDE: decide,
    actions.PUBLISH: publish,
}
