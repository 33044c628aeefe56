"""Writes of consultants' busy time elsewhere."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from portal.booking.models.outside import OutsideBusy
from portal.booking.rules import slots
from portal.db import db


def replace(*, consultant_id: int, source_id: int, busy: Sequence[slots.Range]) -> None:
    """Let a source take exactly these times, which do not overlap; what stays is not touched."""
    kept = {
        (starts, ends): id_
        for id_, starts, ends in db.session.execute(
            select(OutsideBusy.id, OutsideBusy.starts_minute, OutsideBusy.ends_minute).where(
                OutsideBusy.source_id == source_id
            )
        )
    }
    wanted = set(busy)
    gone = [id_ for times, id_ in kept.items() if times not in wanted]
    for first in range(0, len(gone), 500):
        db.session.execute(delete(OutsideBusy).where(OutsideBusy.id.in_(gone[first : first + 500])))
    new = [
        {
            "consultant_id": consultant_id,
            "source_id": source_id,
            "starts_minute": starts,
            "ends_minute": ends,
        }
        for starts, ends in sorted(wanted - kept.keys())
    ]
    if new:
        db.session.execute(insert(OutsideBusy), new)
    db.session.flush()
