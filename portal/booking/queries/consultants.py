"""Reads about consultants: who they are, their hours, and when they are free."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    and_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from portal import i18n, tenancy
from portal.access import Role
from portal.accounts import queries as accounts
from portal.booking.models.hours import Consultant, ConsultantKind, SessionKind
from portal.booking.models.outside import OutsideBusy
from portal.booking.models.sessions import LONGEST_BLOCK_MINUTES, Allocation, Booking
from portal.booking.queries import dates
from portal.booking.rules import reasons, slots
from portal.db import db

NONE = 0  # no row has this id
QUOTA_LOOKS_BACK_MINUTES = slots.QUOTA_DAYS * slots.DAY_MINUTES + LONGEST_BLOCK_MINUTES
QUOTA = -1  # marks the sessions that count towards a quota
OUTSIDE = -2  # less a consultant's id: marks what the consultant's own calendar takes
CAPS_LOOK_AROUND_MINUTES = 8 * slots.DAY_MINUTES  # a week's cap counts its whole week


@dataclass(frozen=True, slots=True)
class ConsultantRow:
    """A consultant as dealers see one; `specialty` is in the request's language."""

    id: int
    person_id: int
    organisation_id: int
    name: str
    specialty: str
    bio: str
    timezone: str
    place: str
    session_minutes: int
    notice_minutes: int
    horizon_days: int
    confirms_requests: bool  # a session waits for this consultant's yes


def rows_by_id(found: Sequence[Consultant]) -> dict[int, ConsultantRow]:
    """Return these consultants as others see them, by id, in the same order; one query."""
    names = accounts.persons([each.person_id for each in found])
    return {
        each.id: ConsultantRow(
            id=each.id,
            person_id=each.person_id,
            organisation_id=each.organisation_id,
            name=names[each.person_id].name,
            specialty=i18n.pick({"zh-CN": each.specialty_zh, "en": each.specialty_en}),
            bio=each.bio,
            timezone=each.timezone,
            place=each.meeting_place,
            session_minutes=each.session_minutes,
            notice_minutes=each.notice_minutes,
            horizon_days=each.horizon_days,
            confirms_requests=each.confirms_requests,
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


def by_ids(consultant_ids: Collection[int]) -> Mapping[int, ConsultantRow]:
    """Return consultants by id, those who have left too; absent ones are left out."""
    wanted = select(Consultant).where(Consultant.id.in_(consultant_ids)).order_by(Consultant.id)
    return rows_by_id(db.session.scalars(wanted).all())


def consultant(consultant_id: int) -> ConsultantRow | None:
    """Return a consultant, or None."""
    found = db.session.get(Consultant, consultant_id)
    return rows_by_id([found])[found.id] if found else None


def consultant_of_person(person_id: int) -> ConsultantRow | None:
    """Return who this person is as a consultant; None for somebody whom nobody can book."""
    found = db.session.scalar(select(Consultant).where(Consultant.person_id == person_id))
    return rows_by_id([found])[found.id] if found else None


def plans(
    consultant_ids: Collection[int], kind_id: int | None = None, *, since: date | None = None
) -> Mapping[int, slots.Plan]:
    """Return what decides the starts of these consultants, by id; two queries for any number.

    `kind_id`: a kind of session; who does not offer it has a plan without starts, and None is the
    plain session. Before the local date `since` only the weekly hours are told.
    """
    of_dates = dates.dates_of(consultant_ids, since=since or date.min)
    return {
        row.id: _plan(row, dates.NO_DATES if row.is_closed else of_dates[row.id])
        for row in _rules(consultant_ids, kind_id=kind_id)
    }


def _rules(consultant_ids: Collection[int], *, kind_id: int | None) -> Sequence[Row[Any]]:
    """Return what each consultant says about every session; one query."""
    asked = {"consultant_ids": list(consultant_ids), "kind_id": kind_id or NONE}
    with tenancy.for_everyone(reason=dates.HOURS_ARE_OPEN):
        return db.session.execute(_rules_asked(of_kind=kind_id is not None), asked).all()


@cache
def _rules_asked(*, of_kind: bool) -> Executable:
    """Return the statement of `_rules`; built once, since building it costs more than asking."""
    # Who has left the alliance receives nobody, whatever the hours say.
    closed = ~_serves()
    if of_kind:
        closed = closed | SessionKind.id.is_(None)
    offers_kind = and_(
        ConsultantKind.consultant_id == Consultant.id,
        ConsultantKind.kind_id == bindparam("kind_id"),
    )
    open_kind = and_(SessionKind.id == ConsultantKind.kind_id, SessionKind.is_open)
    return (
        select(
            Consultant.id,
            Consultant.timezone,
            Consultant.session_minutes,
            Consultant.buffer_minutes,
            Consultant.buffer_before_minutes,
            Consultant.interval_minutes,
            Consultant.notice_minutes,
            Consultant.horizon_days,
            Consultant.day_cap,
            Consultant.week_cap,
            Consultant.follows_holidays,
            Consultant.withheld_from,
            Consultant.withheld_until,
            SessionKind.minutes.label("kind_minutes"),
            SessionKind.quota,
            closed.label("is_closed"),
        )
        .select_from(Consultant)
        .outerjoin(ConsultantKind, offers_kind)
        .outerjoin(SessionKind, open_kind)
        .where(Consultant.id.in_(bindparam("consultant_ids", expanding=True)))
        .order_by(Consultant.id)
    )


def _plan(row: Row[Any], entered: dates.Dates) -> slots.Plan:
    return slots.Plan(
        zone=row.timezone,
        session_minutes=row.kind_minutes or row.session_minutes,
        buffer_minutes=row.buffer_minutes,
        buffer_before_minutes=row.buffer_before_minutes,
        interval_minutes=row.interval_minutes,
        notice_minutes=row.notice_minutes,
        horizon_days=row.horizon_days,
        day_cap=row.day_cap,
        week_cap=row.week_cap,
        quota=row.quota,
        windows=entered.windows,
        overrides=entered.overrides,
        days_off=frozenset(entered.days_off),
        travels=entered.travels,
        holidays=entered.holidays if row.follows_holidays else {},
        withheld=(row.withheld_from, row.withheld_until) if row.withheld_from else None,
    )


def blocking(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which an allocation blocks its time at the instant `at`."""
    return _blocking(literal(slots.to_minute(at)))


def _blocking(minute: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    expires = Allocation.expires_minute
    return Allocation.live.is_(True), or_(expires.is_(None), expires > minute)


def _in_the_way() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which an allocation keeps the asking dealer from its time."""
    held = and_(Allocation.dealer_id == bindparam("dealer_id"), Allocation.booking_id.is_(None))
    leaving = func.coalesce(Allocation.booking_id, NONE) == bindparam("moving")
    at: ColumnElement[int] = bindparam("at_minute")
    return (*_blocking(at), not_(held), or_(literal(NONE) == bindparam("moving"), not_(leaving)))


def taken(
    *,
    plans: Mapping[int, slots.Plan],
    dealer_id: int,
    at: datetime,
    kind_id: int | None = None,
    days: int | None = None,
    moving: int | None = None,
) -> Mapping[int, slots.Taken]:
    """Return what is taken from `at` on, by consultant; the dealer's own sessions block all.

    What the dealer only holds does not; nor does the booking `moving`, which leaves its time.
    To the end of each horizon, or of the first `days` days. One query for any number of
    consultants. Where caps count, a week more on either side.
    """
    capped = any(plan.day_cap or plan.week_cap for plan in plans.values())
    more = CAPS_LOOK_AROUND_MINUTES if capped else 0
    since = slots.to_minute(at) - LONGEST_BLOCK_MINUTES - more
    shown = days or max((plan.horizon_days for plan in plans.values()), default=0)
    until = slots.to_minute(at) + (shown + 2) * slots.DAY_MINUTES + more
    asked = {
        "consultant_ids": list(plans),
        "dealer_id": dealer_id,
        "kind_id": kind_id or NONE,
        "moving": moving or NONE,
        "at_minute": slots.to_minute(at),
        "since": since,
        "until": until,
        "dealer_since": slots.to_minute(at) - LONGEST_BLOCK_MINUTES,
        "now": slots.to_minute(at),
        "quota_since": slots.to_minute(at) - QUOTA_LOOKS_BACK_MINUTES,
    }
    has_quota = any(plan.quota for plan in plans.values())
    with tenancy.for_everyone(
        reason="a slot taken by another dealer is taken; by whom, none learns"
    ):
        rows = db.session.execute(_taken_asked(has_quota=has_quota), asked).all()
    found: dict[int, list[slots.Range]] = {QUOTA: [], NONE: [], **{each: [] for each in plans}}
    found |= {OUTSIDE - each: [] for each in plans}
    for consultant_id, starts, ends in rows:
        found[consultant_id].append((starts, ends))
    starts_counting = [starts for starts, _ in found[QUOTA]]
    return {
        each: slots.Taken(
            sessions=found[each],
            outside=found[OUTSIDE - each],
            dealer=found[NONE],
            dealer_starts=[start + plan.buffer_before_minutes for start in starts_counting],
        )
        for each, plan in plans.items()
    }


@cache
def _taken_asked(*, has_quota: bool) -> Executable:
    """Return the statement of `taken`; built once, since building it costs more than asking."""
    starts, ends = Allocation.starts_minute, Allocation.ends_minute
    of_consultants = select(
        Allocation.consultant_id.label("consultant_id"), starts.label("starts_minute"), ends
    ).where(
        Allocation.consultant_id.in_(bindparam("consultant_ids", expanding=True)),
        *_in_the_way(),
        starts > bindparam("since"),
        starts < bindparam("until"),
    )
    of_dealer = select(literal(NONE), starts, ends).where(
        Allocation.dealer_id == bindparam("dealer_id"),
        *_in_the_way(),
        starts > bindparam("dealer_since"),
    )
    towards_quota = (
        select(literal(QUOTA), starts, ends)
        .join(Booking, Booking.id == Allocation.booking_id)
        .where(
            Allocation.dealer_id == bindparam("dealer_id"),
            *_in_the_way(),
            starts > bindparam("quota_since"),
            Booking.kind_id == bindparam("kind_id"),
        )
    )
    elsewhere = select(
        OUTSIDE - OutsideBusy.consultant_id, OutsideBusy.starts_minute, OutsideBusy.ends_minute
    ).where(
        OutsideBusy.consultant_id.in_(bindparam("consultant_ids", expanding=True)),
        OutsideBusy.ends_minute > bindparam("now"),
        OutsideBusy.starts_minute < bindparam("until"),
    )
    wanted = [of_consultants, of_dealer, elsewhere, *([towards_quota] if has_quota else [])]
    return union_all(*wanted).order_by("consultant_id", "starts_minute")


def free_minutes(
    *,
    consultant_ids: Collection[int],
    dealer_id: int,
    at: datetime,
    kind_id: int | None = None,
    days: int | None = None,
    moving: int | None = None,
) -> Mapping[int, Sequence[int]]:
    """Return the starts that this dealer can book with each consultant, in minutes since 1970.

    Ascending, by consultant. Three queries whatever the number of consultants, days and slots.
    """
    found = plans(consultant_ids, kind_id, since=yesterday(at))
    busy = taken(plans=found, dealer_id=dealer_id, at=at, kind_id=kind_id, days=days, moving=moving)
    return {
        each: slots.free(plan=plan, at=at, taken=busy[each], days=days)
        for each, plan in found.items()
    }


def free_starts(
    *,
    consultant_ids: Collection[int],
    dealer_id: int,
    at: datetime,
    kind_id: int | None = None,
    moving: int | None = None,
) -> Mapping[int, Sequence[datetime]]:
    """Return the instants at which this dealer can book each consultant, ascending, by id."""
    found = free_minutes(
        consultant_ids=consultant_ids, dealer_id=dealer_id, at=at, kind_id=kind_id, moving=moving
    )
    return {each: [slots.to_instant(start) for start in starts] for each, starts in found.items()}


def explained(
    *,
    consultant_id: int,
    dealer_id: int,
    at: datetime,
    first_day: date,
    last_day: date,
    kind_id: int | None = None,
) -> Sequence[reasons.Verdict]:
    """Return every start of the consultant's local dates, with why it cannot be booked, if so.

    `dealer_id`: for whom; NONE for nobody in particular.
    """
    found = plans([consultant_id], kind_id, since=min(first_day, yesterday(at)))
    busy = taken(plans=found, dealer_id=dealer_id, at=at, kind_id=kind_id)
    return reasons.explain(
        plan=found[consultant_id],
        at=at,
        taken=busy[consultant_id],
        first_day=first_day,
        last_day=last_day,
    )


def yesterday(at: datetime) -> date:
    """Return a date that is over wherever a consultant may be."""
    return at.date() - timedelta(days=1)
