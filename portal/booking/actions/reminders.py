"""Writes of reminders: each side is told once, a day and an hour before a session."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from portal import i18n
from portal.booking.models.outside import SessionReminder
from portal.booking.models.sessions import Booking
from portal.booking.queries import sessions
from portal.booking.queries.sessions import SessionRow
from portal.booking.rules import reminders
from portal.booking.rules.reminders import Reminder
from portal.booking.rules.sessions import State
from portal.db import db
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind

_KINDS = {Reminder.DAY: NoticeKind.BOOKING_TOMORROW, Reminder.HOUR: NoticeKind.BOOKING_SOON}


def due(*, at: datetime) -> Sequence[int]:
    """Return the ids of the sessions of which somebody is to be reminded now, soonest first."""
    soon = db.session.scalars(
        select(Booking)
        .where(
            Booking.state == State.BOOKED.value,
            Booking.answer_by.is_(None),  # who asked for it knows best that it is not sure yet
            Booking.starts_at > at,
            Booking.starts_at <= at + reminders.LONGEST,
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    told = {
        (booking_id, reminder, starts_at)
        for booking_id, reminder, starts_at in db.session.execute(
            select(
                SessionReminder.booking_id, SessionReminder.reminder, SessionReminder.starts_at
            ).where(SessionReminder.booking_id.in_([each.id for each in soon]))
        )
    }
    return [
        each.id
        for each in soon
        if (which := _due(each, at)) and (each.id, which.value, each.starts_at) not in told
    ]


def _due(booking: Booking, at: datetime) -> Reminder | None:
    return reminders.due(starts_at=booking.starts_at, known_since=booking.changed_at, at=at)


def remind(*, booking_id: int, at: datetime) -> bool:
    """Remind both sides of a session; return False when that is not due (any more) or was done."""
    booking = db.session.scalar(
        select(Booking)
        .where(
            Booking.id == booking_id,
            Booking.state == State.BOOKED.value,
            Booking.answer_by.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    which = _due(booking, at) if booking else None
    if booking is None or which is None or not _enter(booking, which, at=at):
        return False
    detail = sessions.session_of_dealer(public_id=booking.public_id, dealer_id=booking.dealer_id)
    if detail is not None:
        _tell(detail.row, _KINDS[which], at=at)
    return True


def _enter(booking: Booking, which: Reminder, *, at: datetime) -> bool:
    """Write a reminder down; False when it is there already. One that was moved starts anew."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(SessionReminder)
        .values(
            booking_id=booking.id,
            reminder=which.value,
            starts_at=booking.starts_at,
            reminded_at=at,
        )
        .on_conflict_do_nothing()
        .returning(SessionReminder.booking_id)
    )
    return db.session.scalar(statement) is not None


def _tell(row: SessionRow, kind: NoticeKind, *, at: datetime) -> None:
    when = i18n.moment(row.starts_at)
    for organisation_id, person_id, who in (
        (row.dealer_id, None, row.consultant.name),
        (row.consultant.organisation_id, row.consultant.person_id, row.dealer_name),
    ):
        notices.post(
            organisation_id=organisation_id,
            person_id=person_id,
            kind=kind,
            path=_path(row.public_id),
            at=at,
            params={
                "who": who,
                "when": when,
                "starts_at": i18n.iso(row.starts_at),
                "place": row.consultant.place,
            },
            stale_from=row.starts_at,
        )


def withdraw(*, public_id: str, at: datetime) -> None:
    """Let no reminder of a session go out any more: it was moved or does not take place."""
    for kind in _KINDS.values():
        notices.withdraw(kind=kind, path=_path(public_id), at=at)


def _path(public_id: str) -> str:
    return f"/booking/{public_id}"
