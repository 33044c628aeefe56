"""Writes on a session that is on its way: hold a time, move, exchange, say yes or no.

Each gives back and takes in one transaction, so that the old time is kept until the new one is
one's own. What is agreed keeps its identity: calendars see the same event, changed.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from portal.booking.actions import bookings, claims, limits, telling
from portal.booking.actions.limits import NotOffered
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Allocation, Booking
from portal.booking.queries import consultants as queries
from portal.booking.rules import sessions, slots
from portal.booking.rules.sessions import Blocked, State
from portal.db import db
from portal.notices.rules import NoticeKind


class NotAsked(Exception):
    """The session does not wait for anybody's yes (any more)."""


class NotTogether(Exception):
    """The two sessions cannot be exchanged: they are one and the same."""


def hold(
    *,
    dealer_id: int,
    consultant_id: int,
    starts_at: datetime,
    at: datetime,
    kind_id: int | None = None,
) -> datetime:
    """Keep a time for a shop while its form is filled; return until when.

    A shop holds one time at once: a second hold gives the first back. Raises what book raises.
    """
    until = _whole_minute(at + sessions.HELD_FOR)

    block = _offered_block(
        dealer_id=dealer_id,
        consultant_id=consultant_id,
        starts_at=starts_at,
        kind_id=limits.kind_for(consultant_id=consultant_id, kind_id=kind_id, dealer_id=dealer_id),
        at=at,
    )

    def write() -> None:
        claims.release_held(dealer_id=dealer_id)
        claims.claim(block, booking_id=None, kind=Blocked.HOLD, until=until, at=at)

    claims.placed(write, [block], at=at)
    return until


def offer(
    *, dealer_id: int, consultant_id: int, starts_at: datetime, until: datetime, at: datetime
) -> None:
    """Keep a time for a shop that is asked whether it wants it; the shop books it like any other.

    Raises what book raises.
    """
    block = _offered_block(
        dealer_id=dealer_id,
        consultant_id=consultant_id,
        starts_at=starts_at,
        kind_id=limits.kind_for(consultant_id=consultant_id, kind_id=None, dealer_id=dealer_id),
        at=at,
    )

    def write() -> None:
        claims.claim(block, booking_id=None, kind=Blocked.OFFER, until=_whole_minute(until), at=at)

    claims.placed(write, [block], at=at)


def move_as_dealer(*, public_id: str, dealer_id: int, starts_at: datetime, at: datetime) -> Booking:
    """Move a dealer's session to another time that its consultant offers; tells both sides.

    Raises NoSuchSession, sessions.TooLate, sessions.IllegalMove, or what book raises; then the
    old time stays.
    """
    booking = bookings.locked(Booking.public_id == public_id, Booking.dealer_id == dealer_id)
    sessions.move_as_dealer(current=State(booking.state), starts_at=booking.starts_at, at=at)
    return _move(booking, starts_at=starts_at, at=at)


def move_as_consultant(
    *, public_id: str, person_id: int, starts_at: datetime, at: datetime
) -> Booking:
    """Move a session as its consultant, until it begins; tells both sides. Raises as above."""
    booking = _of_consultant(public_id, person_id)
    sessions.move_as_consultant(current=State(booking.state), starts_at=booking.starts_at, at=at)
    return _move(booking, starts_at=starts_at, at=at)


def exchange(*, public_id: str, other_public_id: str, person_id: int, at: datetime) -> None:
    """Let two sessions of one consultant trade their beginnings; tells everybody.

    Each keeps its length. Raises NoSuchSession, NotTogether, sessions.TooLate,
    sessions.IllegalMove, claims.SlotTaken, DealerBusy or TooBusy; then both stay as they were.
    """
    if public_id == other_public_id:
        raise NotTogether
    # In one order whoever asks for which first, so that two exchanges wait instead of deadlock.
    first, second = (
        _of_consultant(each, person_id) for each in sorted((public_id, other_public_id))
    )
    for each in (first, second):
        sessions.move_as_consultant(current=State(each.state), starts_at=each.starts_at, at=at)
    moves = [(first, second.starts_at), (second, first.starts_at)]
    blocks = [_moved_block(booking, starts_at) for booking, starts_at in moves]

    def write() -> None:
        for booking, _ in moves:
            claims.release(booking_id=booking.id)
        for (booking, starts_at), block in zip(moves, blocks, strict=True):
            _take(booking, block, starts_at=starts_at, at=at)

    claims.placed(write, blocks, at=at, moving=[first.id, second.id])
    for booking, _ in moves:
        telling.tell_both(booking, NoticeKind.BOOKING_MOVED, at=at)


def approve(*, public_id: str, person_id: int, at: datetime) -> Booking:
    """Say yes to a session that a dealer asked for; tells both sides.

    Raises NoSuchSession, or NotAsked when it was answered, withdrawn, or not in time.
    """
    booking = _asked(public_id, person_id)
    if not claims.confirm_asked(booking_id=booking.id, at=at):
        raise NotAsked
    booking.answer_by = None
    booking.changed_at = at
    db.session.flush()
    telling.tell_both(booking, NoticeKind.BOOKING_MADE, at=at)
    return booking


def decline(*, public_id: str, person_id: int, reason: str, at: datetime) -> Booking:
    """Say no to a session that a dealer asked for, free its time and tell both sides.

    Raises NoSuchSession or NotAsked.
    """
    booking = _asked(public_id, person_id)
    bookings.call_off_now(
        booking, person_id=person_id, reason=reason, at=at, kind=NoticeKind.BOOKING_DECLINED
    )
    return booking


def let_ask(*, person_id: int, wanted: bool) -> None:
    """Let new sessions of a consultant wait for their yes, or be agreed at once.

    Raises NoSuchSession for somebody whom nobody can book.
    """
    consultant = db.session.scalar(select(Consultant).where(Consultant.person_id == person_id))
    if consultant is None:
        raise bookings.NoSuchSession
    consultant.confirms_requests = wanted
    db.session.flush()


def end_unanswered(*, at: datetime) -> int:
    """End what was asked for and not answered in time, and tell both sides; return how many."""
    waits = exists().where(Allocation.booking_id == Booking.id, *claims.still_waiting(at))
    overdue = db.session.scalars(
        select(Booking.public_id)
        .where(
            Booking.state == State.BOOKED.value,
            Booking.answer_by.is_not(None),
            ~waits,
        )
        .order_by(Booking.id)
    ).all()
    ended = 0
    for public_id in overdue:
        booking = bookings.locked(Booking.public_id == public_id)
        if booking.answer_by is not None and booking.state == State.BOOKED.value:
            bookings.call_off_now(
                booking, person_id=None, reason="", at=at, kind=NoticeKind.BOOKING_DECLINED
            )
            ended += 1
    return ended


def _of_consultant(public_id: str, person_id: int) -> Booking:
    own = select(Consultant.id).where(Consultant.person_id == person_id)
    return bookings.locked(Booking.public_id == public_id, Booking.consultant_id.in_(own))


def _asked(public_id: str, person_id: int) -> Booking:
    booking = _of_consultant(public_id, person_id)
    if booking.answer_by is None or booking.state != State.BOOKED.value:
        raise NotAsked
    return booking


def _offered_block(
    *,
    dealer_id: int,
    consultant_id: int,
    starts_at: datetime,
    kind_id: int | None,
    at: datetime,
    moving: Booking | None = None,
) -> claims.Block:
    """Return what a session at this time blocks; raise unless one may begin then."""
    plan = queries.plans([consultant_id], kind_id).get(consultant_id)
    if plan is None:
        raise bookings.NoSuchConsultant(consultant_id)
    start = slots.to_minute(starts_at)
    if not slots.is_offered(plan=plan, start=start, at=at):
        raise NotOffered
    limits.hold_to_limits(
        plan=plan,
        consultant_id=consultant_id,
        dealer_id=dealer_id,
        kind_id=kind_id,
        starts_at=starts_at,
        at=at,
        moving=moving.id if moving else None,
    )
    return claims.Block(
        consultant_id=consultant_id,
        dealer_id=dealer_id,
        minutes=(
            start - plan.buffer_before_minutes,
            start + plan.session_minutes + plan.buffer_minutes,
        ),
    )


def _move(booking: Booking, *, starts_at: datetime, at: datetime) -> Booking:
    if starts_at == booking.starts_at:
        return booking
    _offered_block(
        dealer_id=booking.dealer_id,
        consultant_id=booking.consultant_id,
        starts_at=starts_at,
        kind_id=booking.kind_id,
        at=at,
        moving=booking,
    )
    block = _moved_block(booking, starts_at)

    def write() -> None:
        claims.release(booking_id=booking.id)
        _take(booking, block, starts_at=starts_at, at=at)

    claims.placed(write, [block], at=at, moving=[booking.id])
    telling.tell_both(booking, NoticeKind.BOOKING_MOVED, at=at)
    return booking


def _moved_block(booking: Booking, starts_at: datetime) -> claims.Block:
    """Return what a session blocks at another time: its own length, with its own buffers."""
    was = db.session.execute(
        select(Allocation.starts_minute, Allocation.ends_minute)
        .where(Allocation.booking_id == booking.id, Allocation.live)
        .order_by(Allocation.id.desc())
        .limit(1)
    ).one_or_none()
    if was is None:  # a request that ran out, which the job has not ended yet
        raise sessions.IllegalMove(current=State(booking.state), target=State.BOOKED)
    by = slots.to_minute(starts_at) - slots.to_minute(booking.starts_at)
    return claims.Block(
        consultant_id=booking.consultant_id,
        dealer_id=booking.dealer_id,
        minutes=(was.starts_minute + by, was.ends_minute + by),
    )


def _take(booking: Booking, block: claims.Block, *, starts_at: datetime, at: datetime) -> None:
    """Give a session its new time."""
    length = booking.ends_at - booking.starts_at
    if booking.answer_by is not None:
        booking.answer_by = sessions.answer_by(starts_at=starts_at, at=at)
    claims.claim(
        block,
        booking_id=booking.id,
        at=at,
        kind=Blocked.CONFIRMED if booking.answer_by is None else Blocked.HOLD,
        until=booking.answer_by,
    )
    booking.starts_at, booking.ends_at = starts_at, starts_at + length
    booking.sequence += 1  # calendars take a change only with a higher number
    booking.changed_at = at
    db.session.flush()


def _whole_minute(instant: datetime) -> datetime:
    """Return the first whole minute that is not before an instant: holds end with a minute."""
    floor = slots.to_instant(slots.to_minute(instant))
    return floor if floor == instant else floor + timedelta(minutes=1)
