"""Reads for a consultant: the days ahead, and one session with what there is to know before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from portal import clock, i18n
from portal.accounts import queries as accounts
from portal.accounts.queries import OrganisationRow
from portal.booking.queries import sessions
from portal.booking.queries.sessions import SessionDetail, SessionRow
from portal.booking.rules.sessions import State
from portal.learning import queries as learning
from portal.learning.queries import CompletedLesson, Trouble
from portal.practice import queries as practice
from portal.practice.queries import ItemRow
from portal.reporting import queries as reporting
from portal.reporting.queries import ReportSummary

AHEAD_DAYS = 14
BACK_DAYS = 60
ITEMS_IN_BRIEF = 8


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of a consultant, with its sessions in order."""

    on: date
    sessions: tuple[SessionRow, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """What a consultant has before them in a session."""

    session: SessionDetail
    dealer: OrganisationRow
    report: ReportSummary | None
    earlier: Sequence[SessionDetail]
    lessons: Sequence[CompletedLesson]
    practice: Sequence[ItemRow]
    trouble: Trouble | None  # the quiz because of which the session was booked
    may_conclude: bool


def days_ahead(*, person_id: int, today: date) -> list[Day]:
    """Return today and the coming days that have sessions; today is there even when empty."""
    rows = sessions.sessions_of_consultant(
        person_id=person_id, day_from=today, day_to=today + timedelta(days=AHEAD_DAYS)
    )
    days = _by_day(rows)
    if not days or days[0].on != today:
        days.insert(0, Day(on=today, sessions=()))
    return days


def days_back(*, person_id: int, today: date) -> list[Day]:
    """Return the past days that had sessions, newest first."""
    rows = sessions.sessions_of_consultant(
        person_id=person_id, day_from=today - timedelta(days=BACK_DAYS), day_to=today
    )
    return list(reversed(_by_day(rows)))


def _by_day(rows: Sequence[SessionRow]) -> list[Day]:
    return [Day(on=on, sessions=tuple(group)) for on, group in groupby(rows, lambda row: row.on)]


def notes_owed(*, person_id: int, today: date) -> list[SessionRow]:
    """Return past sessions that still wait for their outcome, oldest first."""
    rows = sessions.sessions_of_consultant(
        person_id=person_id, day_from=today - timedelta(days=BACK_DAYS), day_to=today
    )
    return [row for row in rows if row.state is State.BOOKED]


def brief(*, public_id: str, person_id: int, at: datetime) -> Brief | None:
    """Return a consultant's own session with its brief; None when it is not theirs."""
    detail = sessions.session_of_consultant(public_id=public_id, person_id=person_id)
    if detail is None:
        return None
    row = detail.row
    dealer = accounts.organisation(row.dealer_id)
    if dealer is None:
        return None
    earlier = sessions.earlier_with_dealer(
        person_id=person_id, dealer_id=row.dealer_id, before=row.starts_at
    )
    return Brief(
        session=detail,
        dealer=dealer,
        report=reporting.summary_of(row.dealer_id),
        earlier=earlier,
        lessons=learning.completions_of_organisation(
            organisation_id=row.dealer_id, language=i18n.language_tag()
        ),
        practice=practice.open_and_recent(
            organisation_id=row.dealer_id,
            today=at.astimezone(clock.zone()).date(),
            limit=ITEMS_IN_BRIEF,
        ),
        trouble=_trouble(row),
        may_conclude=row.state is State.BOOKED and row.starts_at <= at,
    )


def _trouble(row: SessionRow) -> Trouble | None:
    if row.lesson_id is None:
        return None
    return learning.trouble_of(
        person_id=row.person_id, lesson_id=row.lesson_id, language=i18n.language_tag()
    )
