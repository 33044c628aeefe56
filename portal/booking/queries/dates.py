"""What stands in consultants' calendars beside sessions: hours, leave, journeys, holidays."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Executable,
    Integer,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from portal import tenancy
from portal.booking.models.hours import DateHours, Holiday, Journey, TimeOff, WeeklyHours
from portal.booking.rules import slots
from portal.db import db

HOURS_ARE_OPEN = "when a consultant receives is for all who may ask, and holds nothing of a dealer"
EVERYBODY = 0  # no consultant has this id: of all of them


@dataclass(slots=True)
class Dates:
    """What stands in one consultant's calendar, beside bookings."""

    windows: list[slots.Window] = field(default_factory=list)
    overrides: dict[date, list[slots.Range]] = field(default_factory=dict)
    days_off: set[date] = field(default_factory=set)
    travels: list[slots.Travel] = field(default_factory=list)
    holidays: dict[date, int | None] = field(default_factory=dict)


NO_DATES = Dates()


def dates_of(consultant_ids: Collection[int], *, since: date) -> Mapping[int, Dates]:
    """Return what stands in these consultants' calendars; one query over five tables."""
    found: dict[int, Dates] = defaultdict(Dates)
    holidays: dict[date, int | None] = {}
    with tenancy.for_everyone(reason=HOURS_ARE_OPEN):
        rows: Sequence[Any] = db.session.execute(
            _asked(), {"consultant_ids": list(consultant_ids), "since": since}
        ).all()
    for consultant_id, day, last_day, one, other, weekday, zone in rows:
        if consultant_id == EVERYBODY:
            holidays[day] = weekday
        else:
            _enter(found[consultant_id], day, last_day, (one, other), weekday, zone)
    for each in found.values():
        each.holidays = holidays
    return found


@cache
def _asked() -> Executable:
    """Return the statement of `dates_of`; built once, since building it costs more than asking."""
    ids: BindParameter[int] = bindparam("consultant_ids", expanding=True)
    since = bindparam("since", type_=Date())
    no_day, no_number = cast(null(), Date), cast(null(), Integer)
    weekly = select(
        WeeklyHours.consultant_id.label("consultant_id"),
        no_day.label("day"),
        no_day.label("last_day"),
        WeeklyHours.starts_minute.label("one"),
        WeeklyHours.ends_minute.label("other"),
        WeeklyHours.weekday.label("weekday"),
        literal("").label("zone"),
    ).where(WeeklyHours.consultant_id.in_(ids))
    own = (DateHours.day, no_day, DateHours.starts_minute, DateHours.ends_minute, no_number)
    of_date = select(DateHours.consultant_id, *own, literal("")).where(
        DateHours.consultant_id.in_(ids), DateHours.day >= since
    )
    empty = (no_number, no_number, no_number)
    until = func.coalesce(TimeOff.last_day, TimeOff.day)
    off = select(TimeOff.consultant_id, TimeOff.day, until, *empty, literal("")).where(
        TimeOff.consultant_id.in_(ids), until >= since
    )
    away = select(
        Journey.consultant_id, Journey.first_day, Journey.last_day, *empty, Journey.zone
    ).where(Journey.consultant_id.in_(ids), Journey.last_day >= since)
    special = (Holiday.day, no_day, no_number, no_number, Holiday.works_as, literal(""))
    of_everybody = select(literal(EVERYBODY), *special).where(Holiday.day >= since)
    wanted = (weekly, of_date, off, away, of_everybody)
    return union_all(*wanted).order_by("consultant_id", "day", "weekday", "one")


def _enter(
    dates: Dates,
    day: date | None,
    last_day: date | None,
    minutes: slots.Range,
    weekday: int | None,
    zone: str,
) -> None:
    if weekday is not None:
        dates.windows.append(slots.Window(weekday, *minutes))
    elif day is not None and last_day is None:
        dates.overrides.setdefault(day, []).append(minutes)
    elif day is not None and last_day is not None and zone:
        dates.travels.append(slots.Travel(day, last_day, zone))
    elif day is not None and last_day is not None:
        dates.days_off.update(
            map(date.fromordinal, range(day.toordinal(), last_day.toordinal() + 1))
        )
