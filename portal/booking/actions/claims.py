"""The one way in which a time is blocked, kept for a while, given back.

Every path that takes an hour (booking, holding, offering, moving, exchanging, approving) comes
through `claim` or `confirm`: what ran out is released first, then the database is asked. Nothing
checks first whether a time is free. See docs/decisions/0047.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import ColumnElement, Update, insert, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal import tenancy
from portal.booking.models.sessions import Allocation
from portal.booking.queries.consultants import blocking
from portal.booking.rules import slots
from portal.booking.rules.sessions import Blocked
from portal.db import db

Result = TypeVar("Result")
ATTEMPTS = 3
# PostgreSQL's "deadlock detected" and "could not serialize": the same write may succeed at once.
WORTH_A_RETRY = frozenset({"40P01", "40001"})


class SlotTaken(Exception):
    """Somebody else has this time."""


class DealerBusy(Exception):
    """The dealer has another session at this time."""


class TooBusy(Exception):
    """The database gave the write up ATTEMPTS times in favour of others."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whose time is to be blocked: `minutes` since 1970 (UTC), buffers included, half-open."""

    consultant_id: int
    dealer_id: int
    minutes: slots.Range


def patiently(write: Callable[[], Result]) -> Result:
    """Do a write in a savepoint, again when the database gave it up in favour of another.

    Raises TooBusy, and whatever the write raises; then nothing of it is left.
    """
    for _attempt in range(ATTEMPTS):
        try:
            with db.session.begin_nested():
                return write()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in WORTH_A_RETRY:
                raise
    raise TooBusy


def placed(
    write: Callable[[], Result],
    blocks: Sequence[Block],
    *,
    at: datetime,
    moving: Collection[int] = (),
) -> Result:
    """Do a write that claims these blocks, patiently, or leave everything as it was.

    `moving`: bookings whose own time cannot stand in their way. Raises SlotTaken, DealerBusy when
    it is the dealer's own session that stands in the way, TooBusy.
    """
    try:
        return patiently(write)
    except SlotTaken:
        if any(_dealer_is_busy(each, at=at, moving=moving) for each in blocks):
            raise DealerBusy from None
        raise


def claim(
    block: Block,
    *,
    booking_id: int | None,
    at: datetime,
    kind: Blocked = Blocked.CONFIRMED,
    until: datetime | None = None,
) -> None:
    """Block a time; only inside `placed`, since a refusal ends what was written with it.

    `until`: when a hold or an offer runs out; None for what is confirmed. What the dealer held
    there makes room for it. Raises SlotTaken.
    """
    _release_expired(block, at=at)
    _release_own_holds(block)
    values = {
        "booking_id": booking_id,
        "consultant_id": block.consultant_id,
        "dealer_id": block.dealer_id,
        "starts_minute": block.minutes[0],
        "ends_minute": block.minutes[1],
        "live": True,
        "kind": kind.value,
        "expires_minute": None if until is None else slots.to_minute(until),
    }
    if not _insert(values):
        raise SlotTaken


def confirm_held(block: Block, *, booking_id: int, at: datetime) -> bool:
    """Turn what the dealer holds at exactly this time into a booking's; False: nothing is held."""
    held = update(Allocation).where(
        Allocation.booking_id.is_(None),
        Allocation.consultant_id == block.consultant_id,
        Allocation.dealer_id == block.dealer_id,
        Allocation.starts_minute == block.minutes[0],
        Allocation.ends_minute == block.minutes[1],
        *still_waiting(at),
    )
    return _confirm(held, booking_id)


def confirm_asked(*, booking_id: int, at: datetime) -> bool:
    """Confirm the time that a request blocks; False when it ran out."""
    asked = update(Allocation).where(Allocation.booking_id == booking_id, *still_waiting(at))
    return _confirm(asked, booking_id)


def still_waiting(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a time that is held or offered and has not run out."""
    return (
        Allocation.live.is_(True),
        Allocation.kind != Blocked.CONFIRMED.value,
        Allocation.expires_minute > slots.to_minute(at),
    )


def release(*, booking_id: int) -> None:
    """Give a booking's time back."""
    _release(Allocation.booking_id == booking_id)


def release_held(*, dealer_id: int, kind: Blocked = Blocked.HOLD) -> None:
    """Give back what a shop holds without having booked it."""
    _release(
        Allocation.dealer_id == dealer_id,
        Allocation.booking_id.is_(None),
        Allocation.kind == kind.value,
    )


def _dealer_is_busy(block: Block, *, at: datetime, moving: Collection[int]) -> bool:
    found = db.session.scalar(
        select(Allocation.id)
        .where(
            Allocation.dealer_id == block.dealer_id,
            Allocation.booking_id.is_not(None),
            Allocation.booking_id.not_in(moving),
            *blocking(at),
            Allocation.starts_minute < block.minutes[1],
            Allocation.ends_minute > block.minutes[0],
        )
        .limit(1)
    )
    return found is not None


def _confirm(statement: Update, booking_id: int) -> bool:
    confirmed = db.session.execute(
        statement.values(
            booking_id=booking_id, kind=Blocked.CONFIRMED.value, expires_minute=None
        ).execution_options(synchronize_session=False)
    )
    return bool(cast("CursorResult[tuple[()]]", confirmed).rowcount)


def _insert(values: Mapping[str, object]) -> bool:
    if db.engine.dialect.name == "postgresql":
        # A plain INSERT against an exclusion constraint deadlocks under a rush.
        statement = postgresql.insert(Allocation).values(**values).on_conflict_do_nothing()
        return db.session.scalar(statement.returning(Allocation.id)) is not None
    try:
        db.session.execute(insert(Allocation).values(**values))
    except IntegrityError as error:
        if "ex_allocation_" not in str(error.orig):
            raise
        return False
    return True


def _release_expired(block: Block, *, at: datetime) -> None:
    """Release what ran out and could stand in the way, on either side, whoever held it."""
    with tenancy.for_everyone(reason="a time that ran out is nobody's; whose it was, none learns"):
        _release(
            or_(
                Allocation.consultant_id == block.consultant_id,
                Allocation.dealer_id == block.dealer_id,
            ),
            Allocation.kind != Blocked.CONFIRMED.value,
            Allocation.expires_minute <= slots.to_minute(at),
        )


def _release_own_holds(block: Block) -> None:
    """Make room where the dealer itself kept a time."""
    _release(
        Allocation.dealer_id == block.dealer_id,
        Allocation.booking_id.is_(None),
        Allocation.starts_minute < block.minutes[1],
        Allocation.ends_minute > block.minutes[0],
    )


def _release(*conditions: ColumnElement[bool]) -> None:
    # In the order of ids: two who release the same rows wait for, and never deadlock, each other.
    found = db.session.scalars(
        select(Allocation.id)
        .where(Allocation.live, *conditions)
        .order_by(Allocation.id)
        .with_for_update()
    ).all()
    if found:
        db.session.execute(
            update(Allocation)
            .where(Allocation.id.in_(found))
            .values(live=False)
            .execution_options(synchronize_session=False)
        )
