"""Reads of consultants' busy time elsewhere; where it came from is another room's."""

from sqlalchemy import exists, select

from portal import tenancy
from portal.booking.models.outside import OutsideBusy
from portal.booking.rules import slots
from portal.db import db


def is_busy(*, consultant_id: int, block: slots.Range) -> bool:
    """Tell whether another calendar of the consultant takes any of these minutes."""
    starts, ends = block
    with tenancy.for_everyone(
        reason="an hour that is taken elsewhere is taken for everybody; by what, none learns"
    ):
        taken = exists().where(
            OutsideBusy.consultant_id == consultant_id,
            OutsideBusy.ends_minute > starts,
            OutsideBusy.starts_minute < ends,
        )
        return bool(db.session.scalar(select(taken)))
