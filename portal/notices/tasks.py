"""Jobs of notices, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

import structlog

from portal import clock
from portal.db import unit_of_work
from portal.notices import actions, digest, ledger, sending, telling
from portal.notices.timing import DIGEST_AT
from portal.outbox.rules import Period

log = structlog.get_logger()
DIGEST = "notices.digest"
PURGE = "notices.purge"
Progress = Callable[[int, int], None]


def tell(args: Mapping[str, Any], _progress: Progress) -> None:
    """Decide how each receiver of a notice is told outside the portal."""
    with unit_of_work():
        telling.tell(notice_id=args["notice_id"], at=clock.now(), zone=clock.zone())


def send(args: Mapping[str, Any], _progress: Progress) -> None:
    """Try one delivery."""
    sending.try_now(delivery_id=args["delivery_id"], attempt=args["attempt"], now=clock.now)


def open_digests(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Start today's digests."""
    with unit_of_work():
        count = digest.open_all(at=clock.now(), zone=clock.zone())
    log.info("digests.opened", digests=count)


def purge(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Forget deliveries that are long over, and the words of letters that never went out."""
    with unit_of_work():
        log.info("deliveries.purged", deliveries=ledger.purge(at=clock.now()))


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    actions.TELL: tell,
    ledger.SEND: send,
    DIGEST: open_digests,
    PURGE: purge,
}
PERIODIC: Mapping[str, Period] = {DIGEST: DIGEST_AT, PURGE: time(4, 20)}
