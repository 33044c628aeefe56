"""Writes about consultants: who can be booked, and when. Never touches a booking."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import delete, select, update

from portal.booking.actions.bookings import NoSuchConsultant
from portal.booking.models.hours import Consultant, DateHours, Journey, TimeOff, WeeklyHours
from portal.booking.rules import hours, slots
from portal.booking.rules.offers import Offer
from portal.db import Conflict, db, refuse_conflicts


class AlreadyOff(Exception):
    """The day is a day off already."""


class AlreadyAway(Exception):
    """Another journey holds one of these days."""


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
    Raises hours.BuffersTooLong where the consultant keeps time free before sessions too.
    """
    known = db.session.scalar(
        select(Consultant).where(Consultant.person_id == person_id).with_for_update()
    )
    if known is None:
        add_consultant(
            person_id=person_id, organisation_id=organisation_id, timezone=timezone, **asdict(offer)
        )
        return
    hours.check_buffers(
        before_minutes=known.buffer_before_minutes, after_minutes=offer.buffer_minutes
    )
    for name, value in asdict(offer).items():
        setattr(known, name, value)
    db.session.flush()


def set_hours(*, consultant_id: int, windows: Sequence[slots.Window]) -> None:
    """Replace a consultant's weekly hours; sessions that are agreed stay as they are.

    Raises NoSuchConsultant, or hours.BadHours naming each weekday that cannot stand.
    """
    consultant = _locked(consultant_id)
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


def set_rhythm(*, consultant_id: int, rhythm: hours.Rhythm) -> None:
    """Change how a consultant's sessions follow each other; agreed ones stay as they are.

    Raises NoSuchConsultant, or hours.BuffersTooLong.
    """
    hours.check_buffers(
        before_minutes=rhythm.buffer_before_minutes, after_minutes=rhythm.buffer_minutes
    )
    consultant = _locked(consultant_id)
    for name, value in asdict(rhythm).items():
        setattr(consultant, name, value)
    db.session.flush()


def _locked(consultant_id: int) -> Consultant:
    # Two tabs that save at once must not leave a mixture of both.
    found = db.session.scalar(
        select(Consultant).where(Consultant.id == consultant_id).with_for_update()
    )
    if found is None:
        raise NoSuchConsultant(consultant_id)
    return found


def set_date(
    *, consultant_id: int, day: date, windows: Sequence[slots.Window], today: date
) -> None:
    """Let one local date have windows of its own; none gives it back to the weekly hours.

    The windows bear the date's weekday. Raises NoSuchConsultant, PastDay, or hours.BadHours.
    """
    if day < today:
        raise PastDay
    consultant = _locked(consultant_id)
    hours.check(windows=windows, session_minutes=consultant.session_minutes)
    db.session.execute(
        delete(DateHours).where(DateHours.consultant_id == consultant_id, DateHours.day == day)
    )
    db.session.add_all(
        DateHours(
            consultant_id=consultant_id,
            day=day,
            starts_minute=each.starts_minute,
            ends_minute=each.ends_minute,
        )
        for each in windows
    )
    db.session.flush()


def add_journey(
    *, consultant_id: int, first_day: date, last_day: date, zone: str, today: date
) -> None:
    """Let the hours of these local dates, inclusive, go by the clock of another zone.

    Raises hours.BadDays, or AlreadyAway when one of them belongs to another journey.
    """
    hours.check_days(first_day=first_day, last_day=last_day, today=today)
    consultant = _locked(consultant_id)
    other = db.session.scalar(
        select(Journey.id)
        .where(
            Journey.consultant_id == consultant.id,
            Journey.first_day <= last_day,
            Journey.last_day >= first_day,
        )
        .limit(1)
    )
    if other is not None:
        raise AlreadyAway
    journey = Journey(
        consultant_id=consultant.id, first_day=first_day, last_day=last_day, zone=zone
    )
    db.session.add(journey)
    db.session.flush()


def remove_journey(*, consultant_id: int, journey_id: int) -> None:
    """Let the hours go by the clock at home again; one that is gone already is fine."""
    db.session.execute(
        delete(Journey).where(Journey.id == journey_id, Journey.consultant_id == consultant_id)
    )


def add_day_off(
    *, consultant_id: int, day: date, reason: str, today: date, last_day: date | None = None
) -> None:
    """Take whole local days out of a consultant's hours, from `day` to `last_day` inclusive.

    Without `last_day`, one day. Raises AlreadyOff when a leave begins on `day` already, PastDay, or
    hours.BadDays.
    """
    if day < today:
        raise PastDay
    until = last_day or day
    hours.check_days(first_day=day, last_day=until, today=today)
    off = TimeOff(
        consultant_id=consultant_id,
        day=day,
        last_day=until if until > day else None,
        reason=reason.strip(),
    )
    try:
        with refuse_conflicts():
            db.session.add(off)
    except Conflict as conflict:
        raise AlreadyOff from conflict


def remove_day_off(*, consultant_id: int, time_off_id: int) -> None:
    """Open a day off again; one that is gone already is fine."""
    db.session.execute(
        delete(TimeOff).where(TimeOff.id == time_off_id, TimeOff.consultant_id == consultant_id)
    )


class AlreadyWithheld(Exception):
    """Days of one of the consultants are kept for another round already."""


def withhold(*, consultant_ids: Collection[int], first_day: date, last_day: date) -> None:
    """Keep these days' hours for an allocation round: nobody books them past it.

    Raises AlreadyWithheld.
    """
    kept = db.session.scalars(
        update(Consultant)
        .where(Consultant.id.in_(consultant_ids), Consultant.withheld_from.is_(None))
        .values(withheld_from=first_day, withheld_until=last_day)
        .returning(Consultant.id)
    ).all()
    if len(kept) < len(set(consultant_ids)):
        raise AlreadyWithheld


def release(*, consultant_ids: Collection[int]) -> None:
    """Let the hours that were kept for an allocation round be booked again."""
    db.session.execute(
        update(Consultant)
        .where(Consultant.id.in_(consultant_ids))
        .values(withheld_from=None, withheld_until=None)
    )
