"""Reads about consultants: who they are, their hours, and when they are free."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from portal import i18n, tenancy
from portal.access import Role
from portal.accounts import queries as accounts
from portal.booking.models import (
    LONGEST_BLOCK_MINUTES,
    Allocation,
    Consultant,
    TimeOff,
    WeeklyHours,
)
from portal.booking.rules import slots
from portal.booking.rules.offers import Offer
from portal.db import db

NO_DEALER = 0  # no organisation has this id: only the consultants' own sessions block


@dataclass(frozen=True, slots=True)
class ConsultantRow:
    """A consultant as dealers see one; `specialty` is in the request's language."""

    id: int
    person_id: int
    name: str
    specialty: str
    bio: str
    timezone: str
    place: str
    session_minutes: int
    notice_minutes: int
    horizon_days: int


@dataclass(frozen=True, slots=True)
class TimeOffRow:
    """A day off."""

    id: int
    day: date
    reason: str


def rows_by_id(found: Sequence[Consultant]) -> dict[int, ConsultantRow]:
    """Return these consultants as others see them, by id, in the same order; one query."""
    names = accounts.persons([each.person_id for each in found])
    return {
        each.id: ConsultantRow(
            id=each.id,
            person_id=each.person_id,
            name=names[each.person_id].name,
            specialty=i18n.pick({"zh-CN": each.specialty_zh, "en": each.specialty_en}),
            bio=each.bio,
            timezone=each.timezone,
            place=each.meeting_place,
            session_minutes=each.session_minutes,
            notice_minutes=each.notice_minutes,
            horizon_days=each.horizon_days,
        )
        for each in found
    }


def consultants() -> Sequence[ConsultantRow]:
    """Return every consultant of the alliance, in the order in which they came.

    Who has left the alliance is left out.
    """
    found = db.session.scalars(select(Consultant).where(_serves()).order_by(Consultant.id)).all()
    return list(rows_by_id(found).values())


def _serves() -> ColumnElement[bool]:
    return Consultant.person_id.in_(accounts.in_role(Role.CONSULTANT))


def consultant(consultant_id: int) -> ConsultantRow | None:
    """Return a consultant, or None."""
    found = db.session.get(Consultant, consultant_id)
    return rows_by_id([found])[found.id] if found else None


def consultant_of_person(person_id: int) -> ConsultantRow | None:
    """Return who this person is as a consultant; None for somebody whom nobody can book."""
    found = db.session.scalar(select(Consultant).where(Consultant.person_id == person_id))
    return rows_by_id([found])[found.id] if found else None


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


def plans(consultant_ids: Collection[int]) -> Mapping[int, slots.Plan]:
    """Return what decides the starts of these consultants, by id; three queries for any number."""
    windows: dict[int, list[slots.Window]] = {}
    for hours in db.session.scalars(
        select(WeeklyHours)
        .where(
            WeeklyHours.consultant_id.in_(consultant_ids),
            # Who has left the alliance receives nobody, whatever the hours say.
            WeeklyHours.consultant_id.in_(select(Consultant.id).where(_serves())),
        )
        .order_by(WeeklyHours.consultant_id, WeeklyHours.weekday, WeeklyHours.starts_minute)
    ):
        windows.setdefault(hours.consultant_id, []).append(
            slots.Window(hours.weekday, hours.starts_minute, hours.ends_minute)
        )
    days_off: dict[int, set[date]] = {}
    for consultant_id, day in db.session.execute(
        select(TimeOff.consultant_id, TimeOff.day).where(TimeOff.consultant_id.in_(consultant_ids))
    ):
        days_off.setdefault(consultant_id, set()).add(day)
    found = db.session.scalars(select(Consultant).where(Consultant.id.in_(consultant_ids)))
    return {
        each.id: slots.Plan(
            zone=each.timezone,
            session_minutes=each.session_minutes,
            buffer_minutes=each.buffer_minutes,
            notice_minutes=each.notice_minutes,
            horizon_days=each.horizon_days,
            windows=windows.get(each.id, []),
            days_off=frozenset(days_off.get(each.id, set())),
        )
        for each in found
    }


def _busy(
    *, consultant_ids: Collection[int], dealer_id: int, at: datetime
) -> Mapping[int, list[slots.Range]]:
    """Return what is taken from `at` on, by consultant; the dealer's own sessions block all."""
    by_consultant: dict[int, list[slots.Range]] = {each: [] for each in consultant_ids}
    with tenancy.for_everyone(
        reason="a slot taken by another dealer is taken; by whom, none learns"
    ):
        taken = db.session.execute(
            select(
                Allocation.consultant_id,
                Allocation.dealer_id,
                Allocation.starts_minute,
                Allocation.ends_minute,
            ).where(
                or_(
                    Allocation.consultant_id.in_(consultant_ids), Allocation.dealer_id == dealer_id
                ),
                Allocation.live,
                Allocation.starts_minute > slots.to_minute(at) - LONGEST_BLOCK_MINUTES,
            )
        ).all()
    for consultant_id, of_dealer, starts, ends in taken:
        touched = consultant_ids if of_dealer == dealer_id else [consultant_id]
        for each in touched:
            by_consultant[each].append((starts, ends))
    return by_consultant


def free_starts(
    *, consultant_ids: Collection[int], dealer_id: int, at: datetime
) -> Mapping[int, Sequence[datetime]]:
    """Return the instants at which this dealer can book each consultant, ascending, by id.

    Four queries whatever the number of consultants, days and slots.
    """
    busy = _busy(consultant_ids=consultant_ids, dealer_id=dealer_id, at=at)
    return {
        consultant_id: [
            slots.to_instant(start)
            for start in slots.free(
                plan=plan, at=at, taken=slots.Taken(sessions=busy[consultant_id])
            )
        ]
        for consultant_id, plan in plans(consultant_ids).items()
    }


def weekly_windows(consultant_id: int) -> Sequence[slots.Window]:
    """Return a consultant's weekly hours, Monday first."""
    return plans([consultant_id])[consultant_id].windows


def slot_count(
    *, consultant_id: int, at: datetime, days: int, windows: Sequence[slots.Window] | None = None
) -> int:
    """Return how many sessions fit into the next `days` days beside what is already agreed.

    `windows` are hours that are not saved yet; None means the saved ones.
    """
    plan = plans([consultant_id])[consultant_id]
    if windows is not None:
        plan = replace(plan, windows=windows)
    busy = _busy(consultant_ids=[consultant_id], dealer_id=NO_DEALER, at=at)[consultant_id]
    return len(slots.free(plan=plan, at=at, taken=slots.Taken(sessions=busy), days=days))


def days_off(*, consultant_id: int, day_from: date) -> Sequence[TimeOffRow]:
    """Return a consultant's days off from `day_from` on, soonest first."""
    rows = db.session.scalars(
        select(TimeOff)
        .where(TimeOff.consultant_id == consultant_id, TimeOff.day >= day_from)
        .order_by(TimeOff.day)
    )
    return [TimeOffRow(id=row.id, day=row.day, reason=row.reason) for row in rows]
