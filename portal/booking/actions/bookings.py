"""Writes of bookings: agree a session, enter an agreed one, cancel.

Nothing here checks first whether a time is free: the database refuses an overlap (models.GUARD),
so there is no gap between a check and a write in which somebody else could step in.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from portal.booking.actions import claims, limits, telling
from portal.booking.actions.limits import NotOffered
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Booking
from portal.booking.queries import consultants as queries
from portal.booking.rules import sessions, slots
from portal.booking.rules.sessions import Blocked, State
from portal.db import Conflict, db, refuse_conflicts
from portal.notices.rules import NoticeKind


class NoSuchConsultant(LookupError):
    """There is no such consultant."""


class NoSuchSession(LookupError):
    """There is no such session for the one who asks."""


class KeyReused(Exception):
    """The form was sent before with another time; `public_id` is what it booked then."""

    def __init__(self, public_id: str) -> None:
        super().__init__(public_id)
        self.public_id = public_id


@dataclass(frozen=True, slots=True)
class _Agreement:
    """Who meets whom, when and about what; the buffers stay free around it."""

    dealer_id: int
    person_id: int
    consultant_id: int
    starts_at: datetime
    ends_at: datetime
    topic: str
    lesson_id: str | None
    submission_key: str
    buffer_minutes: int
    buffer_before_minutes: int = 0
    kind_id: int | None = None

    # Until when the consultant has to say yes; None: it is agreed at once.
    answer_by: datetime | None = None

    @property
    def block(self) -> claims.Block:
        """Whose time it takes, buffers included."""
        return claims.Block(
            consultant_id=self.consultant_id,
            dealer_id=self.dealer_id,
            minutes=(
                slots.to_minute(self.starts_at) - self.buffer_before_minutes,
                slots.to_minute(self.ends_at) + self.buffer_minutes,
            ),
        )


def book(  # noqa: PLR0913 – one argument per fact, keyword only
    *,
    dealer_id: int,
    person_id: int,
    consultant_id: int,
    starts_at: datetime,
    topic: str,
    submission_key: str,
    at: datetime,
    lesson_id: str | None = None,
    kind_id: int | None = None,
) -> Booking:
    """Agree a session for a dealer and tell both sides; the same key gives the same booking.

    Where the consultant wants to say yes first, it is asked for: its time is blocked meanwhile.

    `lesson_id`: the lesson whose quiz the person was stuck in, if that is why they book.
    `kind_id`: the kind of session, None for the first that the consultant offers this dealer.

    Raises NoSuchConsultant, SlotTaken, DealerBusy, KeyReused, TooBusy, or as limits says:
    NotOffered, NotForDealer, LimitReached.
    """
    earlier = _booked_with(submission_key, dealer_id)
    if earlier:
        return _same(earlier, consultant_id=consultant_id, starts_at=starts_at)
    consultant = _consultant(consultant_id)
    kind_id = limits.kind_for(consultant_id=consultant_id, kind_id=kind_id, dealer_id=dealer_id)
    plan = queries.plans([consultant_id], kind_id)[consultant_id]
    if not slots.is_offered(plan=plan, start=slots.to_minute(starts_at), at=at):
        raise NotOffered
    agreement = _Agreement(
        dealer_id=dealer_id,
        person_id=person_id,
        consultant_id=consultant_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=plan.session_minutes),
        topic=topic.strip(),
        lesson_id=lesson_id,
        submission_key=submission_key,
        buffer_minutes=plan.buffer_minutes,
        buffer_before_minutes=plan.buffer_before_minutes,
        kind_id=kind_id,
        answer_by=_answer_by(consultant, starts_at=starts_at, at=at),
    )
    try:
        booking = _place_within_limits(agreement, plan=plan, at=at)
    except (Conflict, limits.LimitReached):
        # The same form was sent twice at once, and the other copy was a moment quicker.
        winner = _booked_with(submission_key, dealer_id)
        if winner is None:
            raise
        return _same(winner, consultant_id=consultant_id, starts_at=starts_at)
    asked = booking.answer_by is not None
    telling.tell_both(
        booking, NoticeKind.BOOKING_ASKED if asked else NoticeKind.BOOKING_MADE, at=at
    )
    return booking


def _place_within_limits(agreement: _Agreement, *, plan: slots.Plan, at: datetime) -> Booking:
    limits.hold_to_limits(
        plan=plan,
        consultant_id=agreement.consultant_id,
        dealer_id=agreement.dealer_id,
        kind_id=agreement.kind_id,
        starts_at=agreement.starts_at,
        at=at,
    )
    return _place(agreement, at=at)


def enter(  # noqa: PLR0913 – one argument per fact, keyword only
    *,
    dealer_id: int,
    person_id: int,
    consultant_id: int,
    starts_at: datetime,
    ends_at: datetime,
    topic: str,
    submission_key: str,
    at: datetime,
    buffer_minutes: int = 0,
) -> Booking:
    """Record a session that was agreed elsewhere, whatever the weekly hours; tells nobody.

    For imports and demonstrations. Raises SlotTaken or DealerBusy for an overlap, Conflict when
    the dealer has used the key before, TooBusy.
    """
    agreement = _Agreement(
        dealer_id=dealer_id,
        person_id=person_id,
        consultant_id=consultant_id,
        starts_at=starts_at,
        ends_at=ends_at,
        topic=topic,
        lesson_id=None,
        submission_key=submission_key,
        buffer_minutes=buffer_minutes,
    )
    return _place(agreement, at=at)


def give(
    *,
    dealer_id: int,
    person_id: int,
    consultant_id: int,
    starts_at: datetime,
    topic: str,
    submission_key: str,
    at: datetime,
) -> Booking:
    """Agree a session whose hour an allocation round gave to a dealer, and tell both sides.

    The same key gives the same booking. Raises SlotTaken, DealerBusy, TooBusy.
    """
    earlier = _booked_with(submission_key, dealer_id)
    if earlier:
        return earlier
    plan = queries.plans([consultant_id])[consultant_id]
    agreement = _Agreement(
        dealer_id=dealer_id,
        person_id=person_id,
        consultant_id=consultant_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=plan.session_minutes),
        topic=topic,
        lesson_id=None,
        submission_key=submission_key,
        buffer_minutes=plan.buffer_minutes,
        buffer_before_minutes=plan.buffer_before_minutes,
    )
    booking = _place(agreement, at=at)
    telling.tell_both(booking, NoticeKind.BOOKING_MADE, at=at)
    return booking


def cancel(*, public_id: str, dealer_id: int, person_id: int, reason: str, at: datetime) -> Booking:
    """Cancel a dealer's session, free its time and tell both sides.

    Raises NoSuchSession, sessions.TooLate, or sessions.IllegalMove when it is over or cancelled.
    """
    booking = locked(Booking.public_id == public_id, Booking.dealer_id == dealer_id)
    sessions.cancel(current=State(booking.state), starts_at=booking.starts_at, at=at)
    call_off_now(booking, person_id=person_id, reason=reason, at=at)
    return booking


def call_off(*, public_id: str, person_id: int, reason: str, at: datetime) -> Booking:
    """Cancel a session as its consultant, at any time before it is concluded; tells both sides.

    Raises NoSuchSession or sessions.IllegalMove.
    """
    booking = locked(
        Booking.public_id == public_id,
        Booking.consultant_id.in_(select(Consultant.id).where(Consultant.person_id == person_id)),
    )
    sessions.move(current=State(booking.state), target=State.CANCELLED)
    call_off_now(booking, person_id=person_id, reason=reason, at=at)
    return booking


def cancel_upcoming(*, dealer_id: int, person_id: int, reason: str, at: datetime) -> int:
    """Cancel every session of a dealer that has not begun, however soon; return how many.

    For a shop that closes: nobody would come.
    """
    ahead = db.session.scalars(
        select(Booking.public_id)
        .where(
            Booking.dealer_id == dealer_id,
            Booking.state == State.BOOKED.value,
            Booking.starts_at > at,
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    for public_id in ahead:
        booking = locked(Booking.public_id == public_id)
        sessions.move(current=State(booking.state), target=State.CANCELLED)
        call_off_now(booking, person_id=person_id, reason=reason, at=at)
    return len(ahead)


def locked(*conditions: ColumnElement[bool]) -> Booking:
    """Return the one booking that the conditions name, locked until the transaction ends.

    Raises NoSuchSession. (SQLite has locked the whole database already: BEGIN IMMEDIATE.)
    """
    booking: Booking | None = db.session.scalar(
        select(Booking)
        .where(*conditions)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if booking is None:
        raise NoSuchSession
    return booking


def _consultant(consultant_id: int) -> Consultant:
    consultant = db.session.get(Consultant, consultant_id)
    if consultant is None:
        raise NoSuchConsultant(consultant_id)
    return consultant


def _booked_with(submission_key: str, dealer_id: int) -> Booking | None:
    return db.session.scalar(
        select(Booking).where(
            Booking.dealer_id == dealer_id, Booking.submission_key == submission_key
        )
    )


def _same(booking: Booking, *, consultant_id: int, starts_at: datetime) -> Booking:
    if booking.consultant_id != consultant_id or booking.starts_at != starts_at:
        raise KeyReused(booking.public_id)
    return booking


def _answer_by(consultant: Consultant, *, starts_at: datetime, at: datetime) -> datetime | None:
    if not consultant.confirms_requests:
        return None
    return sessions.answer_by(starts_at=starts_at, at=at)


def _place(agreement: _Agreement, *, at: datetime) -> Booking:
    """Store a booking together with the time it blocks, or neither."""

    def write() -> Booking:
        booking = _new_booking(agreement, at)
        with refuse_conflicts():
            db.session.add(booking)
        _take(agreement, booking_id=booking.id, at=at)
        return booking

    return claims.placed(write, [agreement.block], at=at)


def _take(agreement: _Agreement, *, booking_id: int, at: datetime) -> None:
    """Block the session's time: what the dealer holds there already, or anew."""
    if agreement.answer_by is not None:
        claims.claim(
            agreement.block,
            booking_id=booking_id,
            kind=Blocked.HOLD,
            until=agreement.answer_by,
            at=at,
        )
    elif not claims.confirm_held(agreement.block, booking_id=booking_id, at=at):
        claims.claim(agreement.block, booking_id=booking_id, at=at)


def _new_booking(agreement: _Agreement, at: datetime) -> Booking:
    return Booking(
        public_id=secrets.token_urlsafe(16),
        uid=f"{secrets.token_hex(16)}@tongtu",
        sequence=0,
        state=State.BOOKED.value,
        dealer_id=agreement.dealer_id,
        person_id=agreement.person_id,
        consultant_id=agreement.consultant_id,
        starts_at=agreement.starts_at,
        ends_at=agreement.ends_at,
        topic=agreement.topic,
        lesson_id=agreement.lesson_id,
        kind_id=agreement.kind_id,
        answer_by=agreement.answer_by,
        submission_key=agreement.submission_key,
        created_at=at,
        changed_at=at,
    )


def call_off_now(
    booking: Booking,
    *,
    person_id: int | None,
    reason: str,
    at: datetime,
    kind: NoticeKind = NoticeKind.BOOKING_CANCELLED,
) -> None:
    """End a session that may end, free its time and tell both sides; None: nobody did it."""
    booking.state = State.CANCELLED.value
    booking.cancelled_by = person_id
    booking.cancel_reason = reason.strip()
    booking.sequence += 1  # calendars take a change only with a higher number
    booking.changed_at = at
    db.session.flush()
    claims.release(booking_id=booking.id)
    telling.tell_both(booking, kind, at=at)
