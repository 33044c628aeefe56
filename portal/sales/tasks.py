"""Jobs of order imports, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

import structlog

from portal import clock
from portal.db import unit_of_work
from portal.outbox.rules import Period
from portal.sales.actions import deciding, importing, receiving
from portal.sales.actions.importing import Progress

log = structlog.get_logger()
SWEEP = "orders.sweep_uploads"


def import_orders(args: Mapping[str, Any], progress: Progress) -> None:
    """Take a confirmed file into the facts."""
    importing.import_now(import_id=args["import_id"], now=clock.now, progress=progress)


def remove_upload(args: Mapping[str, Any], _progress: Progress) -> None:
    """Remove an uploaded file that was imported or discarded."""
    importing.remove_upload(stored=args["stored"])


def expire(args: Mapping[str, Any], _progress: Progress) -> None:
    """Discard a file that nobody confirmed in time."""
    with unit_of_work():
        deciding.expire(import_id=args["import_id"], at=clock.now())


def sweep_uploads(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Remove files that were uploaded and never written down."""
    log.info("orders.uploads_swept", files=importing.sweep_uploads(at=clock.now()))


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    deciding.IMPORT: import_orders,
    deciding.REMOVE_UPLOAD: remove_upload,
    receiving.EXPIRE: expire,
    SWEEP: sweep_uploads,
}
PERIODIC: Mapping[str, Period] = {SWEEP: time(4, 40)}
