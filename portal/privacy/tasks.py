"""Jobs: making a copy, deleting the accounts whose days of grace are over, letting copies go."""

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any

import structlog

from portal import clock
from portal.db import unit_of_work
from portal.privacy import actions, queries

log = structlog.get_logger()
DELETE_DUE = "privacy.delete_due"
EXPIRE = "privacy.expire_copies"


def export(args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Make one copy."""
    actions.make_copy(export_id=args["export_id"], at=clock.now())


def delete_due(_args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Delete every person whose time has come, each in a transaction of its own."""
    at = clock.now()
    with unit_of_work():
        due = [each.person_id for each in queries.due_deletions(at=at)]
    for person_id in due:
        try:
            with unit_of_work():
                actions.carry_out(person_id=person_id, at=at)
        except actions.Obstructed as error:
            # Their page and the operators' say what has to be settled; the wish stands.
            log.warning("privacy.deletion_waits", person_id=person_id, why=str(error))
        except actions.NothingPlanned:
            log.info("privacy.deletion_undone", person_id=person_id)


def expire(_args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Delete copies that waited long enough."""
    log.info("privacy.copies_expired", copies=actions.expire_copies(at=clock.now()))


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[int, int], None]], None]] = {
    actions.EXPORT: export,
    DELETE_DUE: delete_due,
    EXPIRE: expire,
}
PERIODIC: Mapping[str, time | timedelta] = {DELETE_DUE: timedelta(hours=1), EXPIRE: time(4, 40)}
