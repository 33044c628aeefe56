"""Writes of feeds and sources: whoever calls has made sure whose they are by the arguments."""

import secrets
from dataclasses import asdict
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from portal import sealing
from portal.booking.actions import outside
from portal.booking.models.hours import Consultant
from portal.calendars import rules
from portal.calendars.models import CalendarFeed, CalendarSource
from portal.calendars.reading import Reading
from portal.calendars.rules import Fault, SourceKind
from portal.db import db
from portal.notices import actions as notices
from portal.notices.endpoints import targets
from portal.notices.endpoints.actions import loopback_allowed
from portal.notices.rules import NoticeKind
from portal.outbox import actions as outbox

log = structlog.get_logger()
IMPORT = "calendars.import"
PURPOSE = "tongtu calendars sources v1"
_TOKEN_BYTES = 32


class NoSuchFeed(LookupError):
    """The person has no feed in this organisation."""


class NoSuchSource(LookupError):
    """The consultant has no such source."""


class TooMany(Exception):
    """The consultant has as many sources as one may have."""


class BadAddress(ValueError):
    """Not an address that may be called."""


def renew_feed(*, person_id: int, organisation_id: int, hides_details: bool, at: datetime) -> str:
    """Give a person's feed a new address and return its token, the only time it is known.

    The address before it stops at once.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    values = {
        "token_hash": rules.hash_of(token),
        "hides_details": hides_details,
        "created_at": at,
        "fetched_at": None,
    }
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    db.session.execute(
        dialect.insert(CalendarFeed)
        .values(person_id=person_id, organisation_id=organisation_id, **values)
        .on_conflict_do_update(
            index_elements=[CalendarFeed.person_id, CalendarFeed.organisation_id], set_=values
        )
    )
    return token


def mask_feed(*, person_id: int, organisation_id: int, hides_details: bool) -> None:
    """Choose whether a feed tells with whom and about what; raise NoSuchFeed."""
    changed = db.session.execute(
        update(CalendarFeed)
        .where(*_of(person_id, organisation_id))
        .values(hides_details=hides_details)
        .returning(CalendarFeed.id)
    )
    if changed.first() is None:
        raise NoSuchFeed(person_id)


def remove_feed(*, person_id: int, organisation_id: int) -> None:
    """Let a feed's address lead nowhere from now on; nothing happens when there is none."""
    db.session.execute(delete(CalendarFeed).where(*_of(person_id, organisation_id)))


def _of(person_id: int, organisation_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        CalendarFeed.person_id == person_id,
        CalendarFeed.organisation_id == organisation_id,
    )


def note_fetch(*, feed_id: int, at: datetime) -> None:
    """Record in a short transaction of its own that a feed was fetched.

    A page that only reads leaves the request's transaction as it was; this is not part of it.
    """
    try:
        with db.engine.begin() as connection:
            connection.execute(
                update(CalendarFeed).where(CalendarFeed.id == feed_id).values(fetched_at=at)
            )
    except OperationalError as error:
        # The calendar was answered; a busy database must not take it back for a time stamp.
        log.warning("feed.fetch_not_noted", feed_id=feed_id, exc_info=error)


def add_source(  # noqa: PLR0913 – one argument per fact, keyword only
    *,
    person_id: int,
    consultant_id: int,
    kind: SourceKind,
    name: str,
    url: str,
    user: str | None,
    password: str | None,
    at: datetime,
) -> int:
    """Connect a consultant's own calendar and have it read soon; return its id.

    Raises BadAddress or TooMany.
    """
    address = rules.normalised(url)
    try:
        parts = targets.check(address, loopback=loopback_allowed())
    except targets.ForbiddenTarget as error:
        raise BadAddress(str(error)) from error
    count = select(func.count()).where(CalendarSource.person_id == person_id)
    if (db.session.scalar(count) or 0) >= rules.MOST_SOURCES:
        raise TooMany(person_id)
    source = CalendarSource(
        person_id=person_id,
        consultant_id=consultant_id,
        kind=kind.value,
        name=name.strip(),
        url_sealed=sealing.seal(address, purpose=PURPOSE),
        host=parts.hostname or "",
        user_sealed=sealing.seal(user, purpose=PURPOSE) if user else None,
        password_sealed=sealing.seal(password, purpose=PURPOSE) if password else None,
        created_at=at,
        due_at=at,
        troubles=[],
    )
    db.session.add(source)
    db.session.flush()
    post_import(source_id=source.id, at=at)
    return source.id


def refresh_source(*, source_id: int, person_id: int, at: datetime) -> None:
    """Have a source read now, whole even when it says that nothing has changed.

    Raises NoSuchSource.
    """
    source = _own(source_id, person_id)
    source.due_at, source.etag, source.last_modified = at, "", ""
    db.session.flush()
    post_import(source_id=source.id, at=at)


def remove_source(*, source_id: int, person_id: int) -> None:
    """Forget a source and its busy time; raise NoSuchSource."""
    db.session.delete(_own(source_id, person_id))
    db.session.flush()


def _own(source_id: int, person_id: int) -> CalendarSource:
    found = db.session.scalar(
        select(CalendarSource)
        .where(CalendarSource.id == source_id, CalendarSource.person_id == person_id)
        .with_for_update()
    )
    if found is None:
        raise NoSuchSource(source_id)
    return found


def post_import(*, source_id: int, at: datetime) -> None:
    """Ask a worker to read a source."""
    outbox.post(kind=IMPORT, args={"source_id": source_id}, key=f"{IMPORT}:{source_id}", at=at)


def post_due(*, at: datetime) -> int:
    """Ask workers to read every source whose time has come; return how many."""
    due = db.session.scalars(
        select(CalendarSource.id)
        .where(CalendarSource.due_at <= at)
        .order_by(CalendarSource.due_at, CalendarSource.id)
    ).all()
    for source_id in due:
        post_import(source_id=source_id, at=at)
    return len(due)


def _still_there(source_id: int) -> CalendarSource | None:
    return db.session.scalar(
        select(CalendarSource)
        .where(CalendarSource.id == source_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def keep_reading(
    *, source_id: int, reading: Reading, etag: str, last_modified: str, at: datetime
) -> None:
    """Take over what was read; nothing happens when the source was removed meanwhile."""
    source = _still_there(source_id)
    if source is None:
        return
    source.etag, source.last_modified = etag, last_modified
    source.events, source.intervals = reading.events, len(reading.busy)
    source.troubles = [asdict(each) for each in reading.troubles]
    source.trouble_count = reading.trouble_count
    _note_success(source, at=at)
    outside.replace(consultant_id=source.consultant_id, source_id=source.id, busy=reading.busy)


def keep_unchanged(*, source_id: int, at: datetime) -> None:
    """Record that a source has not changed since it was read."""
    source = _still_there(source_id)
    if source is not None:
        _note_success(source, at=at)
        db.session.flush()


def _note_success(source: CalendarSource, *, at: datetime) -> None:
    source.tried_at = source.good_at = at
    source.failures, source.fault, source.answer = 0, None, ""
    source.due_at = rules.next_try(at=at, failures=0)


def keep_fault(*, source_id: int, fault: Fault, answer: str, at: datetime) -> None:
    """Record that a source gave nothing: what was read before goes on blocking.

    Its consultant is told once when that lasts.
    """
    source = _still_there(source_id)
    if source is None:
        return
    source.tried_at, source.fault, source.answer = at, fault.value, answer[:300]
    source.failures += 1
    source.due_at = rules.next_try(at=at, failures=source.failures)
    db.session.flush()
    if source.failures == rules.TOLD_AFTER:
        consultant = db.session.get_one(Consultant, source.consultant_id)
        notices.post(
            organisation_id=consultant.organisation_id,
            person_id=source.person_id,
            kind=NoticeKind.CALENDAR_UNREAD,
            path=f"/calendars/outside/{source.id}",
            params={"title": source.name},
            at=at,
        )
