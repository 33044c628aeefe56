"""A consultant's start page: today's sessions, each beside its dealer's last month; notes owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.access import Member
from portal.booking.queries.sessions import SessionRow
from portal.booking.rules.sessions import State
from portal.coaching import queries as coaching
from portal.coaching.queries import Day
from portal.reporting import queries as reporting
from portal.reporting.queries import ReportSummary

DAYS_AFTER = 3


@dataclass(frozen=True, slots=True)
class TodayRow:
    """A session of today; `shop` is None without a report, or when nobody will meet."""

    session: SessionRow
    shop: ReportSummary | None
    going_on: bool
    outcome_owed: bool  # it is over, and nobody said how it went


@dataclass(frozen=True, slots=True)
class ConsultantPage:
    """What a consultant sees first; `later` are the next days with sessions."""

    today: date
    rows: Sequence[TodayRow]
    owed: Sequence[SessionRow]
    later: Sequence[Day]


def page(*, member: Member, today: date, at: datetime) -> ConsultantPage:
    """Return a consultant's start page on the local date `today`, at the instant `at`."""
    first, *later = coaching.days_ahead(person_id=member.person_id, today=today)
    meeting = {each.dealer_id for each in first.sessions if each.state is not State.CANCELLED}
    shops = reporting.summaries_of(meeting)
    return ConsultantPage(
        today=today,
        rows=[_row(each, shops=shops, at=at) for each in first.sessions],
        owed=coaching.notes_owed(person_id=member.person_id, today=today),
        later=later[:DAYS_AFTER],
    )


def _row(session: SessionRow, *, shops: Mapping[int, ReportSummary], at: datetime) -> TodayRow:
    waits = session.state is State.BOOKED
    return TodayRow(
        session=session,
        shop=shops.get(session.dealer_id) if session.state is not State.CANCELLED else None,
        going_on=waits and session.starts_at <= at < session.ends_at,
        outcome_owed=waits and session.ends_at <= at,
    )
