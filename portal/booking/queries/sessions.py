"""Reads about sessions and their notes, always for one dealer or one consultant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, func, select

from portal import clock, i18n
from portal.accounts import queries as accounts
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Allocation, Booking, SessionNote
from portal.booking.queries.consultants import ConsultantRow, rows_by_id
from portal.booking.rules import slots
from portal.booking.rules.sessions import State
from portal.db import db
from portal.paging import Page, Paged


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in a list; `on` is its date in the alliance's time zone."""

    public_id: str
    state: State
    dealer_id: int
    dealer_name: str
    person_name: str  # who booked
    consultant: ConsultantRow
    topic: str
    person_id: int
    lesson_id: str | None  # whose quiz the person was stuck in
    on: date
    starts_at: datetime
    ends_at: datetime
    answer_by: datetime | None  # until when its consultant has to say yes; None: it is agreed
    note_text: str  # what the consultant shared; empty while there is nothing


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A session's note; version 0 means that there is none yet."""

    text: str = ""
    private_text: str = ""  # for consultants; always empty in what a dealer gets
    version: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """One session with what its own page needs beyond a list."""

    row: SessionRow
    booking_id: int
    kind_id: int | None
    uid: str
    sequence: int
    changed_at: datetime
    cancel_reason: str
    note: NoteRow


Found = tuple[Booking, SessionNote | None]
Search = Select[Booking, SessionNote]


def _found(*conditions: ColumnElement[bool]) -> Search:
    return (
        select(Booking, SessionNote)
        .outerjoin(SessionNote, SessionNote.booking_id == Booking.id)
        .where(*conditions)
    )


def _fetch(statement: Search) -> list[Found]:
    return [(booking, note) for booking, note in db.session.execute(statement)]


def _rows(found: Sequence[Found]) -> list[SessionRow]:
    """Return what was found as rows; four queries for any number of them."""
    if not found:
        return []
    bookings = [booking for booking, _ in found]
    dealers = accounts.organisations({each.dealer_id for each in bookings})
    persons = accounts.persons({each.person_id for each in bookings})
    wanted = {each.consultant_id for each in bookings}
    consultants = rows_by_id(
        db.session.scalars(select(Consultant).where(Consultant.id.in_(wanted))).all()
    )
    return [
        SessionRow(
            public_id=booking.public_id,
            state=State(booking.state),
            dealer_id=booking.dealer_id,
            dealer_name=dealers[booking.dealer_id].name,
            person_name=persons[booking.person_id].name,
            consultant=consultants[booking.consultant_id],
            topic=booking.topic,
            person_id=booking.person_id,
            lesson_id=booking.lesson_id,
            on=i18n.local(booking.starts_at).date(),
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            answer_by=booking.answer_by,
            note_text=note.text if note else "",
        )
        for booking, note in found
    ]


def _note_row(note: SessionNote | None) -> NoteRow:
    if note is None:
        return NoteRow()
    return NoteRow(
        text=note.text,
        private_text=note.private_text,
        version=note.version,
        updated_at=note.updated_at,
    )


def _details(statement: Search) -> list[SessionDetail]:
    found = _fetch(statement)
    return [
        SessionDetail(
            row=row,
            booking_id=booking.id,
            kind_id=booking.kind_id,
            uid=booking.uid,
            sequence=booking.sequence,
            changed_at=booking.changed_at,
            cancel_reason=booking.cancel_reason,
            note=_note_row(note),
        )
        for (booking, note), row in zip(found, _rows(found), strict=True)
    ]


def _detail(statement: Search) -> SessionDetail | None:
    return next(iter(_details(statement)), None)


# A dealer's


def _still_ahead(*, dealer_id: int, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Booking.dealer_id == dealer_id,
        Booking.state == State.BOOKED.value,
        Booking.ends_at > at,  # one that is going on is still to be found at the top
    )


def upcoming_of_dealer(*, dealer_id: int, at: datetime) -> Sequence[SessionRow]:
    """Return a dealer's sessions that are not over, soonest first.

    Needs no paging: the horizon and the rule of one session at a time keep it short.
    """
    return _rows(
        _fetch(
            _found(*_still_ahead(dealer_id=dealer_id, at=at)).order_by(
                Booking.starts_at, Booking.id
            )
        )
    )


def next_session_of_dealer(*, dealer_id: int, at: datetime) -> SessionRow | None:
    """Return the dealer's next session, the one going on included; None when nothing is booked."""
    found = _fetch(
        _found(*_still_ahead(dealer_id=dealer_id, at=at))
        .order_by(Booking.starts_at, Booking.id)
        .limit(1)
    )
    return _rows(found)[0] if found else None


def past_of_dealer(*, dealer_id: int, at: datetime, page: Page) -> Paged[SessionRow]:
    """Return a dealer's sessions that are over, newest first; cancelled ones are left out."""
    conditions = (
        Booking.dealer_id == dealer_id,
        Booking.state != State.CANCELLED.value,
        (Booking.ends_at <= at) | (Booking.state != State.BOOKED.value),
    )
    total = db.session.scalar(select(func.count()).select_from(Booking).where(*conditions)) or 0
    found = _fetch(
        _found(*conditions)
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(page.size)
        .offset(page.offset)
    )
    return Paged(rows=_rows(found), total=total, page=page)


def session_of_dealer(*, public_id: str, dealer_id: int) -> SessionDetail | None:
    """Return a dealer's session without its private note; None when it is not this dealer's."""
    detail = _detail(_found(Booking.public_id == public_id, Booking.dealer_id == dealer_id))
    if detail is None:
        return None
    return replace(detail, note=replace(detail.note, private_text=""))


def last_of_dealers(*, dealer_ids: Collection[int], before: datetime) -> Mapping[int, datetime]:
    """Return when the last session of each dealer began that was held; others are left out."""
    rows = db.session.execute(
        select(Booking.dealer_id, func.max(Booking.starts_at))
        .where(
            Booking.dealer_id.in_(dealer_ids),
            Booking.state == State.DONE.value,
            Booking.starts_at < before,
        )
        .group_by(Booking.dealer_id)
    )
    return {row[0]: row[1] for row in rows}


# A consultant's


def sessions_of_consultant(*, person_id: int, day_from: date, day_to: date) -> Sequence[SessionRow]:
    """Return a consultant's sessions on the local dates `day_from` <= date < `day_to`, in order.

    Cancelled ones included: a gap in the day has its reason. The dates are the alliance's.
    """
    zone = clock.zone()
    first = slots.to_instant(slots.place(day=day_from, minute=0, zone=zone))
    end = slots.to_instant(slots.place(day=day_to, minute=0, zone=zone))
    return _rows(
        _fetch(
            _found(
                Booking.consultant_id == _consultant_id(person_id),
                Booking.starts_at >= first,
                Booking.starts_at < end,
            ).order_by(Booking.starts_at, Booking.id)
        )
    )


def asked_of_consultant(*, person_id: int, at: datetime) -> Sequence[SessionRow]:
    """Return the sessions that wait for this consultant's yes, the one with least time left first.

    Needs no paging: what is not answered within a day ends.
    """
    return _rows(
        _fetch(
            _found(
                Booking.consultant_id == _consultant_id(person_id),
                Booking.state == State.BOOKED.value,
                Booking.answer_by > at,
            ).order_by(Booking.answer_by, Booking.id)
        )
    )


def exchangeable_of_consultant(
    *, person_id: int, at: datetime, except_public_id: str, limit: int = 30
) -> Sequence[SessionRow]:
    """Return the agreed sessions of a consultant that have not begun, soonest first, but one."""
    return _rows(
        _fetch(
            _found(
                Booking.consultant_id == _consultant_id(person_id),
                Booking.state == State.BOOKED.value,
                Booking.answer_by.is_(None),
                Booking.starts_at > at,
                Booking.public_id != except_public_id,
            )
            .order_by(Booking.starts_at, Booking.id)
            .limit(limit)
        )
    )


def held_until(*, dealer_id: int, consultant_id: int, at: datetime) -> Mapping[datetime, datetime]:
    """Return what a shop holds, or is offered, with a consultant: until when, by the start."""
    buffers = select(Consultant.buffer_before_minutes).where(Consultant.id == consultant_id)
    found = db.session.execute(
        select(
            Allocation.starts_minute + buffers.scalar_subquery(), Allocation.expires_minute
        ).where(
            Allocation.dealer_id == dealer_id,
            Allocation.consultant_id == consultant_id,
            Allocation.booking_id.is_(None),
            Allocation.live,
            Allocation.expires_minute > slots.to_minute(at),
        )
    )
    return {slots.to_instant(start): slots.to_instant(ends or 0) for start, ends in found}


def session_of_consultant(*, public_id: str, person_id: int) -> SessionDetail | None:
    """Return a consultant's session with its private note; None when it is not this person's."""
    return _detail(
        _found(Booking.public_id == public_id, Booking.consultant_id == _consultant_id(person_id))
    )


def earlier_with_dealer(
    *, person_id: int, dealer_id: int, before: datetime, limit: int = 5
) -> Sequence[SessionDetail]:
    """Return the sessions held with a dealer before an instant, newest first, with their notes.

    Any consultant's, so that whoever comes next reads on; empty when `person_id`, the consultant
    who asks, has no session with the dealer.
    """
    if not has_session(consultant_person_id=person_id, dealer_id=dealer_id):
        return []
    return _details(
        _found(
            Booking.dealer_id == dealer_id,
            Booking.state == State.DONE.value,
            Booking.starts_at < before,
        )
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(limit)
    )


def has_session(*, consultant_person_id: int, dealer_id: int) -> bool:
    """Return whether this consultant has a session with the dealer, cancelled ones not counted."""
    found = db.session.scalar(
        select(
            exists().where(
                Booking.dealer_id == dealer_id,
                Booking.consultant_id == _consultant_id(consultant_person_id),
                Booking.state != State.CANCELLED.value,
            )
        )
    )
    return bool(found)


def _consultant_id(person_id: int) -> ColumnElement[int]:
    return select(Consultant.id).where(Consultant.person_id == person_id).scalar_subquery()


# For calendars

MOST_IN_CALENDAR = 500
_IN_CALENDAR = (State.BOOKED.value, State.DONE.value, State.NO_SHOW.value)


def calendar_of_dealer(*, dealer_id: int, since: datetime) -> Sequence[SessionDetail]:
    """Return a dealer's sessions that end after an instant, soonest first, without notes."""
    return _in_calendar(Booking.dealer_id == dealer_id, since=since)


def calendar_of_consultant(*, person_id: int, since: datetime) -> Sequence[SessionDetail]:
    """Return a consultant's sessions that end after an instant, soonest first, without notes."""
    return _in_calendar(Booking.consultant_id == _consultant_id(person_id), since=since)


def _in_calendar(whose: ColumnElement[bool], *, since: datetime) -> Sequence[SessionDetail]:
    found = _details(
        _found(
            whose,
            Booking.state.in_(_IN_CALENDAR),
            Booking.answer_by.is_(None),  # what waits for its consultant's yes is in no calendar
            Booking.ends_at > since,
        )
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST_IN_CALENDAR)
    )
    return [replace(each, note=NoteRow()) for each in found]
