"""Writes about consultants: who can be booked, weekly hours, days off. Never touches a booking."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import delete, select

from portal.booking.actions.bookings import NoSuchConsultant
from portal.booking.models.hours import Consultant, TimeOff, WeeklyHours
from portal.booking.rules import hours, slots
from portal.booking.rules.offers import Offer
from portal.db import Conflict, db, refuse_conflicts


class AlreadyOff(Exception):
    """The day is a day off already."""


class PastDay(ValueError):
    """The day is over: nobody can take it off any more."""


def add_consultant(  # noqa: PLR0913 – one argument per column, keyword only
    *,
    person_id: int,
    organisation_id: int,
    specialty_zh: str,
    specialty_en: str,
    timezone: str,
    bio: str = "",
    meeting_place: str = "",
    session_minutes: int = 45,
    buffer_minutes: int = 15,
    notice_minutes: int = 120,
    horizon_days: int = 21,
) -> Consultant:
    """Let dealers book a person; `timezone` is an IANA name. Without hours nothing is free yet."""
    consultant = Consultant(
        person_id=person_id,
        organisation_id=organisation_id,
        specialty_zh=specialty_zh,
        specialty_en=specialty_en,
        timezone=timezone,
        bio=bio,
        meeting_place=meeting_place,
        session_minutes=session_minutes,
        buffer_minutes=buffer_minutes,
        notice_minutes=notice_minutes,
        horizon_days=horizon_days,
    )
    db.session.add(consultant)
    db.session.flush()
    return consultant


def offer_consultant(*, person_id: int, organisation_id: int, timezone: str, offer: Offer) -> None:
    """Let dealers book a person from now on, or change how; sessions that are agreed stay.

    The person works in the alliance as a consultant. `timezone` is that of a new one's hours.
    """
    known = db.session.scalar(
        select(Consultant).where(Consultant.person_id == person_id).with_for_update()
    )
    if known is None:
        add_consultant(
            person_id=person_id, organisation_id=organisation_id, timezone=timezone, **asdict(offer)
        )
        return
    for name, value in asdict(offer).items():
        setattr(known, name, value)
    db.session.flush()


def set_hours(*, consultant_id: int, windows: Sequence[slots.Window]) -> None:
    """Replace a consultant's weekly hours; sessions that are agreed stay as they are.

    Raises NoSuchConsultant, or hours.BadHours naming each weekday that cannot stand.
    """
    # Locked, so that two tabs that save at once do not leave a mixture of both.
    consultant = db.session.scalar(
        select(Consultant).where(Consultant.id == consultant_id).with_for_update()
    )
    if consultant is None:
        raise NoSuchConsultant(consultant_id)
    hours.check(windows=windows, session_minutes=consultant.session_minutes)
    db.session.execute(delete(WeeklyHours).where(WeeklyHours.consultant_id == consultant_id))
    db.session.add_all(
        WeeklyHours(
            consultant_id=consultant_id,
            weekday=each.weekday,
            starts_minute=each.starts_minute,
            ends_minute=each.ends_minute,
        )
        for each in windows
    )
    db.session.flush()


def add_day_off(*, consultant_id: int, day: date, reason: str, today: date) -> None:
    """Take a whole local day out of a consultant's hours; raise AlreadyOff or PastDay."""
    if day < today:
        raise PastDay
    try:
        with refuse_conflicts():
            db.session.add(TimeOff(consultant_id=consultant_id, day=day, reason=reason.strip()))
    except Conflict as conflict:
        raise AlreadyOff from conflict


def remove_day_off(*, consultant_id: int, time_off_id: int) -> None:
    """Open a day off again; one that is gone already is fine."""
    db.session.execute(
        delete(TimeOff).where(TimeOff.id == time_off_id, TimeOff.consultant_id == consultant_id)
    )
