"""Reads about hours for who sets them: consultants and operators."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from sqlalchemy import func, select

from portal.access import Role
from portal.accounts import queries as accounts
from portal.booking.models.hours import Consultant, TimeOff, WeeklyHours
from portal.booking.queries import consultants
from portal.booking.rules import slots
from portal.booking.rules.offers import Offer
from portal.db import db


@dataclass(frozen=True, slots=True)
class TimeOffRow:
    """A day off."""

    id: int
    day: date
    reason: str


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
    hours = 0
    if known is not None:
        wanted = select(func.count(WeeklyHours.id)).where(WeeklyHours.consultant_id == known.id)
        hours = db.session.scalar(wanted) or 0
    return Candidate(
        person_id=person_id,
        name=accounts.persons([person_id])[person_id].name,
        offer=None if known is None else _offer(known),
        has_hours=hours > 0,
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
    """Return a consultant's days off from `day_from` on, soonest first."""
    rows = db.session.scalars(
        select(TimeOff)
        .where(TimeOff.consultant_id == consultant_id, TimeOff.day >= day_from)
        .order_by(TimeOff.day)
    )
    return [TimeOffRow(id=row.id, day=row.day, reason=row.reason) for row in rows]
