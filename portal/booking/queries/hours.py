"""Reads about hours for who sets them: consultants and operators."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import func, select

from portal.access import Role
from portal.accounts import queries as accounts
from portal.booking.models.hours import Consultant, DateHours, Journey, TimeOff, WeeklyHours
from portal.booking.queries import consultants
from portal.booking.rules import hours, slots
from portal.booking.rules.offers import Offer
from portal.db import db


@dataclass(frozen=True, slots=True)
class TimeOffRow:
    """A day off, or several on end."""

    id: int
    day: date
    reason: str
    last_day: date | None = None  # None: `day` alone


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who works as a consultant; `offer` is None while nobody can book them."""

    person_id: int
    name: str
    offer: Offer | None
    has_hours: bool


def candidate(person_id: int) -> Candidate | None:
    """Return somebody who works in the alliance as a consultant, or None."""
    if person_id not in set(db.session.scalars(accounts.in_role(Role.CONSULTANT))):
        return None
    known = db.session.scalar(select(Consultant).where(Consultant.person_id == person_id))
    windows = 0
    if known is not None:
        wanted = select(func.count(WeeklyHours.id)).where(WeeklyHours.consultant_id == known.id)
        windows = db.session.scalar(wanted) or 0
    return Candidate(
        person_id=person_id,
        name=accounts.persons([person_id])[person_id].name,
        offer=None if known is None else _offer(known),
        has_hours=windows > 0,
    )


def _offer(known: Consultant) -> Offer:
    return Offer(**{each.name: getattr(known, each.name) for each in fields(Offer)})


def weekly_windows(consultant_id: int) -> Sequence[slots.Window]:
    """Return a consultant's weekly hours, Monday first."""
    return consultants.plans([consultant_id])[consultant_id].windows


def slot_count(
    *, consultant_id: int, at: datetime, days: int, windows: Sequence[slots.Window] | None = None
) -> int:
    """Return how many sessions fit into the next `days` days beside what is already agreed.

    `windows` are hours that are not saved yet; None means the saved ones.
    """
    found = consultants.plans([consultant_id], since=consultants.yesterday(at))
    if windows is not None:
        found = {each: replace(plan, windows=windows) for each, plan in found.items()}
    busy = consultants.taken(plans=found, dealer_id=consultants.NONE, at=at)[consultant_id]
    return len(slots.free(plan=found[consultant_id], at=at, taken=busy, days=days))


def days_off(*, consultant_id: int, day_from: date) -> Sequence[TimeOffRow]:
    """Return a consultant's days off that are not over on `day_from`, soonest first."""
    rows = db.session.scalars(
        select(TimeOff)
        .where(
            TimeOff.consultant_id == consultant_id,
            func.coalesce(TimeOff.last_day, TimeOff.day) >= day_from,
        )
        .order_by(TimeOff.day)
    )
    return [
        TimeOffRow(id=row.id, day=row.day, reason=row.reason, last_day=row.last_day) for row in rows
    ]


def rhythm(consultant_id: int) -> hours.Rhythm:
    """Return how a consultant's sessions follow each other."""
    found = db.session.scalars(select(Consultant).where(Consultant.id == consultant_id)).one()
    return hours.Rhythm(**{each.name: getattr(found, each.name) for each in fields(hours.Rhythm)})


@dataclass(frozen=True, slots=True)
class DateRow:
    """A date with windows of its own, in local wall-clock minutes."""

    day: date
    windows: Sequence[slots.Range]


def dates(*, consultant_id: int, day_from: date) -> Sequence[DateRow]:
    """Return a consultant's dates with windows of their own from `day_from` on, soonest first."""
    rows = db.session.execute(
        select(DateHours.day, DateHours.starts_minute, DateHours.ends_minute)
        .where(DateHours.consultant_id == consultant_id, DateHours.day >= day_from)
        .order_by(DateHours.day, DateHours.starts_minute)
    )
    return [
        DateRow(day=day, windows=[(begins, ends) for _, begins, ends in of_day])
        for day, of_day in groupby(rows, key=lambda row: row.day)
    ]


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """Dates on which the hours go by another clock, both inclusive."""

    id: int
    first_day: date
    last_day: date
    zone: str


def journeys(*, consultant_id: int, day_from: date) -> Sequence[JourneyRow]:
    """Return a consultant's journeys that are not over on `day_from`, soonest first."""
    rows = db.session.scalars(
        select(Journey)
        .where(Journey.consultant_id == consultant_id, Journey.last_day >= day_from)
        .order_by(Journey.first_day, Journey.id)
    )
    return [
        JourneyRow(id=row.id, first_day=row.first_day, last_day=row.last_day, zone=row.zone)
        for row in rows
    ]
