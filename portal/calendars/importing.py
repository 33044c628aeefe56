"""Reading one source: fetched and understood outside any transaction, kept in a short one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal import sealing
from portal.booking.calendar_file import OWN_UID_END
from portal.booking.models.hours import Consultant
from portal.calendars import actions, apart, caldav_source, fetching, rules
from portal.calendars.caldav_source import Account
from portal.calendars.models import CalendarSource
from portal.calendars.reading import Problem, Reader, Reading
from portal.calendars.rules import Fault, SourceFault, SourceKind
from portal.db import db, unit_of_work
from portal.notices import directory
from portal.notices.endpoints.actions import loopback_allowed

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Ready:
    """What it takes to ask a source."""

    kind: SourceKind
    url: str
    user: str
    password: str
    etag: str
    last_modified: str
    reader: Reader
    loopback: bool


@dataclass(frozen=True, slots=True)
class _Found:
    reading: Reading
    etag: str = ""
    last_modified: str = ""


def import_source(*, source_id: int, now: Now) -> Fault | None:
    """Read a source and keep its busy time; return what was wrong, None when all went well.

    A source that gives nothing keeps what it gave before.
    """
    try:
        with unit_of_work():
            ready = _prepare(source_id, at=now())
        if ready is None:
            return None
        found = _ask(ready)
    except SourceFault as fault:
        with unit_of_work():
            actions.keep_fault(
                source_id=source_id, fault=fault.fault, answer=fault.answer, at=now()
            )
        return fault.fault
    with unit_of_work():
        _keep(source_id, found, at=now())
    return None


def _keep(source_id: int, found: _Found | None, *, at: datetime) -> None:
    if found is None:
        actions.keep_unchanged(source_id=source_id, at=at)
        return
    actions.keep_reading(
        source_id=source_id,
        reading=found.reading,
        etag=found.etag,
        last_modified=found.last_modified,
        at=at,
    )


def _prepare(source_id: int, *, at: datetime) -> _Ready | None:
    source = db.session.get(CalendarSource, source_id)
    if source is None:
        return None
    consultant = db.session.scalar(select(Consultant).where(Consultant.id == source.consultant_id))
    if consultant is None:
        return None
    user = _opened(source.user_sealed)
    starts_at, ends_at = rules.window(at=at, horizon_days=consultant.horizon_days)
    # What is unchanged is still read anew once a day: the window moves on.
    fresh = source.good_at is not None and source.good_at.date() == at.date()
    return _Ready(
        kind=SourceKind(source.kind),
        url=_opened(source.url_sealed),
        user=user,
        password=_opened(source.password_sealed),
        etag=source.etag if fresh else "",
        last_modified=source.last_modified if fresh else "",
        reader=Reader(
            starts_at=starts_at,
            ends_at=ends_at,
            zone=consultant.timezone,
            own_mails=_mails(source.person_id, user),
            own_uid_end=OWN_UID_END,
        ),
        loopback=loopback_allowed(),
    )


def _opened(sealed: str | None) -> str:
    try:
        return sealing.unseal(sealed, purpose=actions.PURPOSE) if sealed else ""
    except sealing.Unreadable as error:
        raise SourceFault(Fault.SEALED) from error


def _mails(person_id: int, user: str) -> frozenset[str]:
    person = directory.person(person_id)
    known = (person.mail if person else None, user)
    return frozenset(each.lower() for each in known if each and "@" in each)


def _ask(ready: _Ready) -> _Found | None:
    if ready.kind is SourceKind.CALDAV:
        return _Found(_read(_from_server(ready), ready.reader))
    fetched = fetching.fetch(
        ready.url, etag=ready.etag, last_modified=ready.last_modified, loopback=ready.loopback
    )
    if fetched is None:
        return None
    return _Found(_read([fetched.body], ready.reader), fetched.etag, fetched.last_modified)


def _from_server(ready: _Ready) -> Sequence[bytes]:
    return caldav_source.fetch(
        Account(url=ready.url, user=ready.user, password=ready.password),
        starts_at=ready.reader.starts_at,
        ends_at=ready.reader.ends_at,
        loopback=ready.loopback,
    )


def _read(documents: Sequence[bytes], reader: Reader) -> Reading:
    if not documents:
        return Reading()
    try:
        reading = apart.read_apart(documents, reader=reader)
    except apart.Unreadable as error:
        raise SourceFault(Fault.TOO_SLOW) from error
    if any(each.problem is Problem.NO_CALENDAR for each in reading.troubles):
        raise SourceFault(Fault.NO_CALENDAR)
    return reading
