"""Writes of bookings: agree a session, enter an agreed one, cancel.

Nothing here checks first whether a time is free: the database refuses an overlap (models.GUARD),
so there is no gap between a check and a write in which somebody else could step in.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal import i18n
from portal.accounts import queries as accounts
from portal.booking import invitations
from portal.booking.actions import limits
from portal.booking.actions.limits import NotOffered
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Allocation, Booking
from portal.booking.queries import consultants as queries
from portal.booking.queries import sessions as sessions_queries
from portal.booking.rules import sessions, slots
from portal.booking.rules.sessions import State
from portal.db import Conflict, db, refuse_conflicts
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind

Result = TypeVar("Result")
ATTEMPTS = 3
# PostgreSQL's "deadlock detected" and "could not serialize": the same write may succeed at once.
WORTH_A_RETRY = frozenset({"40P01", "40001"})


class NoSuchConsultant(LookupError):
    """There is no such consultant."""


class NoSuchSession(LookupError):
    """There is no such session for the one who asks."""


class SlotTaken(Exception):
    """Somebody else has this time."""


class DealerBusy(Exception):
    """The dealer has another session at this time."""


class KeyReused(Exception):
    """The form was sent before with another time; `public_id` is what it booked then."""

    def __init__(self, public_id: str) -> None:
        super().__init__(public_id)
        self.public_id = public_id


class TooBusy(Exception):
    """The database gave the write up ATTEMPTS times in favour of others."""


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

    @property
    def block(self) -> slots.Range:
        """The time it takes, buffers included, in minutes since 1970 (UTC)."""
        return (
            slots.to_minute(self.starts_at) - self.buffer_before_minutes,
            slots.to_minute(self.ends_at) + self.buffer_minutes,
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
    )
    try:
        limits.hold_to_limits(
            plan=plan,
            consultant_id=consultant_id,
            dealer_id=dealer_id,
            kind_id=kind_id,
            starts_at=starts_at,
            at=at,
        )
        booking = _place(agreement, at=at)
    except (Conflict, limits.LimitReached):
        # The same form was sent twice at once, and the other copy was a moment quicker.
        winner = _booked_with(submission_key, dealer_id)
        if winner is None:
            raise
        return _same(winner, consultant_id=consultant_id, starts_at=starts_at)
    _tell(booking, consultant, NoticeKind.BOOKING_MADE, at=at)
    return booking


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


def cancel(*, public_id: str, dealer_id: int, person_id: int, reason: str, at: datetime) -> Booking:
    """Cancel a dealer's session, free its time and tell both sides.

    Raises NoSuchSession, sessions.TooLate, or sessions.IllegalMove when it is over or cancelled.
    """
    booking = locked(Booking.public_id == public_id, Booking.dealer_id == dealer_id)
    sessions.cancel(current=State(booking.state), starts_at=booking.starts_at, at=at)
    _call_off(booking, person_id=person_id, reason=reason, at=at)
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
    _call_off(booking, person_id=person_id, reason=reason, at=at)
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
        _call_off(booking, person_id=person_id, reason=reason, at=at)
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


def _place(agreement: _Agreement, *, at: datetime) -> Booking:
    """Store a booking together with the time it blocks, or neither."""

    def write() -> Booking:
        booking = _new_booking(agreement, at)
        with refuse_conflicts():
            db.session.add(booking)
        if not _claim(agreement, booking_id=booking.id):
            raise SlotTaken
        return booking

    try:
        return _patiently(write)
    except SlotTaken:
        if _dealer_is_busy(agreement):
            raise DealerBusy from None
        raise


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
        submission_key=agreement.submission_key,
        created_at=at,
        changed_at=at,
    )


def _claim(agreement: _Agreement, *, booking_id: int) -> bool:
    """Block the session's time; return False when the database refuses the overlap."""
    starts, ends = agreement.block
    values = {
        "booking_id": booking_id,
        "consultant_id": agreement.consultant_id,
        "dealer_id": agreement.dealer_id,
        "starts_minute": starts,
        "ends_minute": ends,
        "live": True,
    }
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


def _dealer_is_busy(agreement: _Agreement) -> bool:
    starts, ends = agreement.block
    found = db.session.scalar(
        select(Allocation.id)
        .where(
            Allocation.dealer_id == agreement.dealer_id,
            Allocation.live,
            Allocation.starts_minute < ends,
            Allocation.ends_minute > starts,
        )
        .limit(1)
    )
    return found is not None


def _patiently(write: Callable[[], Result]) -> Result:
    """Do a write in a savepoint, again when the database gave it up in favour of another."""
    for _attempt in range(ATTEMPTS):
        try:
            with db.session.begin_nested():
                return write()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in WORTH_A_RETRY:
                raise
    raise TooBusy


def _call_off(booking: Booking, *, person_id: int, reason: str, at: datetime) -> None:
    booking.state = State.CANCELLED.value
    booking.cancelled_by = person_id
    booking.cancel_reason = reason.strip()
    booking.sequence += 1  # calendars take a change only with a higher number
    booking.changed_at = at
    db.session.execute(
        update(Allocation).where(Allocation.booking_id == booking.id).values(live=False)
    )
    db.session.flush()
    _tell(booking, _consultant(booking.consultant_id), NoticeKind.BOOKING_CANCELLED, at=at)


def _tell(booking: Booking, consultant: Consultant, kind: NoticeKind, *, at: datetime) -> None:
    shop = accounts.organisations([booking.dealer_id])[booking.dealer_id].name
    who_booked = accounts.persons([booking.person_id])[booking.person_id].name
    when = i18n.moment(booking.starts_at)
    detail = sessions_queries.session_of_dealer(
        public_id=booking.public_id, dealer_id=booking.dealer_id
    )
    invitation = invitations.invitation(detail) if detail else None
    for organisation_id, person_id, who in (
        (booking.dealer_id, None, who_booked),
        (consultant.organisation_id, consultant.person_id, shop),
    ):
        notices.post(
            organisation_id=organisation_id,
            person_id=person_id,
            kind=kind,
            path=f"/booking/{booking.public_id}",
            at=at,
            # `starts_at` lets the words be put in the reader's language later.
            params={"who": who, "when": when, "starts_at": i18n.iso(booking.starts_at)},
            invitation=invitation,
        )
