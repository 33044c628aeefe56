"""Jobs of order imports, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from typing import Any

from portal import clock
from portal.db import unit_of_work
from portal.sales.actions import deciding, importing, receiving
from portal.sales.actions.importing import Progress


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


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    deciding.IMPORT: import_orders,
    deciding.REMOVE_UPLOAD: remove_upload,
    receiving.EXPIRE: expire,
}
