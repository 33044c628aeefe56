"""Reads of feeds and sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import tenancy
from portal.access import Role
from portal.accounts import queries as accounts
from portal.booking.queries import sessions
from portal.booking.queries.sessions import SessionDetail
from portal.calendars.models import CalendarFeed, CalendarSource
from portal.calendars.reading import Problem
from portal.calendars.rules import Fault, SourceKind, hash_of
from portal.db import db
from portal.notices import directory

KEPT = timedelta(days=30)  # how long a session stays in a feed after it is over


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A person's feed as they see it; its address is not known any more."""

    hides_details: bool
    created_at: datetime
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenedFeed:
    """A feed that somebody fetches, and the sessions in it."""

    id: int
    hides_details: bool
    fetched_at: datetime | None
    language: str
    details: Sequence[SessionDetail]


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """An event that could not be read."""

    number: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as its consultant sees it."""

    id: int
    kind: SourceKind
    name: str
    host: str
    created_at: datetime
    tried_at: datetime | None
    good_at: datetime | None
    due_at: datetime
    fault: Fault | None
    answer: str
    events: int
    intervals: int
    troubles: Sequence[TroubleRow]
    trouble_count: int


def feed_of(*, person_id: int, organisation_id: int) -> FeedRow | None:
    """Return a person's feed in an organisation, or None."""
    found = db.session.scalar(
        select(CalendarFeed).where(
            CalendarFeed.person_id == person_id, CalendarFeed.organisation_id == organisation_id
        )
    )
    if found is None:
        return None
    return FeedRow(
        hides_details=found.hides_details,
        created_at=found.created_at,
        fetched_at=found.fetched_at,
    )


def opened_by(token: str, *, at: datetime) -> OpenedFeed | None:
    """Return the feed that a token opens; None when it opens none (any more).

    None too when its owner has left the organisation.
    """
    found = db.session.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == hash_of(token)))
    if found is None:
        return None
    with tenancy.for_everyone(reason="who has the secret address sees its owner's sessions"):
        details = _sessions(found, since=at - KEPT)
        person = directory.person(found.person_id)
    if details is None or person is None:
        return None
    return OpenedFeed(
        id=found.id,
        hides_details=found.hides_details,
        fetched_at=found.fetched_at,
        language=person.language,
        details=details,
    )


def _sessions(feed: CalendarFeed, *, since: datetime) -> Sequence[SessionDetail] | None:
    roles = {
        each.role
        for each in accounts.memberships_of(feed.person_id)
        if each.organisation_id == feed.organisation_id
    }
    if Role.CONSULTANT in roles:
        return sessions.calendar_of_consultant(person_id=feed.person_id, since=since)
    if Role.DEALER in roles:
        return sessions.calendar_of_dealer(dealer_id=feed.organisation_id, since=since)
    return None


def sources_of(*, person_id: int) -> Sequence[SourceRow]:
    """Return a consultant's own calendars, in the order in which they were connected."""
    found = db.session.scalars(
        select(CalendarSource)
        .where(CalendarSource.person_id == person_id)
        .order_by(CalendarSource.id)
    )
    return [_row(each) for each in found]


def source_of(*, source_id: int, person_id: int) -> SourceRow | None:
    """Return one of a consultant's own calendars, or None."""
    found = db.session.scalar(
        select(CalendarSource).where(
            CalendarSource.id == source_id, CalendarSource.person_id == person_id
        )
    )
    return _row(found) if found else None


def _row(found: CalendarSource) -> SourceRow:
    return SourceRow(
        id=found.id,
        kind=SourceKind(found.kind),
        name=found.name,
        host=found.host,
        created_at=found.created_at,
        tried_at=found.tried_at,
        good_at=found.good_at,
        due_at=found.due_at,
        fault=Fault(found.fault) if found.fault else None,
        answer=found.answer,
        events=found.events,
        intervals=found.intervals,
        troubles=[TroubleRow(each["number"], Problem(each["problem"])) for each in found.troubles],
        trouble_count=found.trouble_count,
    )
