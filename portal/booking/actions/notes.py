"""Writes of what came of a session: held or missed, and the note."""

from datetime import datetime

from sqlalchemy import select, update

from portal.accounts import queries as accounts
from portal.booking.actions.bookings import locked
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Booking, SessionNote
from portal.booking.rules import sessions
from portal.booking.rules.sessions import State
from portal.db import Conflict, db, refuse_conflicts
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind


class NoteChanged(Exception):
    """Somebody saved the note meanwhile; nothing was overwritten."""


def mark_done(*, public_id: str, person_id: int, at: datetime) -> Booking:
    """Record, as its consultant, that a session was held.

    Raises NoSuchSession, sessions.TooEarly, or sessions.IllegalMove for a cancelled one.
    """
    return _conclude(public_id=public_id, person_id=person_id, target=State.DONE, at=at)


def mark_no_show(*, public_id: str, person_id: int, at: datetime) -> Booking:
    """Record, as its consultant, that the dealer did not come; raises as mark_done."""
    return _conclude(public_id=public_id, person_id=person_id, target=State.NO_SHOW, at=at)


def write_note(
    *,
    public_id: str,
    person_id: int,
    text: str,
    private_text: str,
    version: int,
    at: datetime,
) -> int:
    """Save a session's note as its consultant and return its new version.

    `text` is shared with the dealer, who is told once, when there is first something to read;
    `private_text` is for consultants. `version` is the one that the writer started from, 0 for
    none. Raises NoSuchSession, or NoteChanged when there is a newer one (which stays).
    """
    booking = _own(public_id, person_id)
    note = db.session.scalar(
        select(SessionNote)
        .where(SessionNote.booking_id == booking.id)
        .execution_options(populate_existing=True)
    )
    had_text = bool(note and note.text)
    values = {
        "text": text.strip(),
        "private_text": private_text.strip(),
        "author_id": person_id,
        "updated_at": at,
        "version": version + 1,
    }
    if version:
        _replace(booking, version, values)
    else:
        _add(booking, values)
    if text.strip() and not had_text:
        _tell(booking, person_id=person_id, at=at)
    return version + 1


def _own(public_id: str, person_id: int) -> Booking:
    return locked(
        Booking.public_id == public_id,
        Booking.consultant_id.in_(select(Consultant.id).where(Consultant.person_id == person_id)),
    )


def _conclude(*, public_id: str, person_id: int, target: State, at: datetime) -> Booking:
    booking = _own(public_id, person_id)
    if booking.state == target.value:
        return booking  # a second tap on a slow network
    state = sessions.conclude(
        current=State(booking.state), target=target, starts_at=booking.starts_at, at=at
    )
    booking.state = state.value
    booking.changed_at = at
    db.session.flush()
    return booking


def _add(booking: Booking, values: dict[str, object]) -> None:
    try:
        with refuse_conflicts():
            db.session.add(SessionNote(booking_id=booking.id, **values))
    except Conflict as conflict:
        raise NoteChanged from conflict


def _replace(booking: Booking, version: int, values: dict[str, object]) -> None:
    saved = db.session.scalar(
        update(SessionNote)
        .where(SessionNote.booking_id == booking.id, SessionNote.version == version)
        .values(**values)
        .returning(SessionNote.id)
    )
    if saved is None:
        raise NoteChanged


def _tell(booking: Booking, *, person_id: int, at: datetime) -> None:
    notices.post(
        organisation_id=booking.dealer_id,
        kind=NoticeKind.SESSION_NOTE,
        path=f"/booking/{booking.public_id}",
        at=at,
        params={"who": accounts.persons([person_id])[person_id].name},
    )
