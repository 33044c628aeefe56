"""Reads of the record: the chain for those who check it, the entries for those who search it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from portal.db import db
from portal.evidence import rules
from portal.evidence.models import EvidenceDetail, EvidenceEntry, EvidenceHead

IN_ONE = 500  # numbers in one statement: SQLite takes no endless list


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is stored, beside what its details really hash to (None: there are none)."""

    entry: rules.Entry
    hash: str
    actual_details_hash: str | None


def head() -> tuple[int, str]:
    """Return number and hash of the newest entry; (0, sixty-four zeros) before the first."""
    found = db.session.execute(select(EvidenceHead.seq, EvidenceHead.hash)).one_or_none()
    return (found.seq, found.hash) if found else (0, rules.BEFORE_THE_FIRST)


def links_after(seq: int, *, limit: int) -> Sequence[Link]:
    """Return up to `limit` entries behind number `seq`, in their order."""
    rows = db.session.execute(
        select(EvidenceEntry, EvidenceDetail)
        .outerjoin(EvidenceDetail, EvidenceDetail.seq == EvidenceEntry.seq)
        .where(EvidenceEntry.seq > seq)
        .order_by(EvidenceEntry.seq)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [
        Link(entry=_entry(entry), hash=entry.hash, actual_details_hash=_hash_of(detail))
        for entry, detail in rows
    ]


def _entry(row: EvidenceEntry) -> rules.Entry:
    return rules.Entry(
        seq=row.seq,
        at=row.at,
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        role=row.role,
        action=row.action,
        subject=row.subject,
        subject_id=row.subject_id,
        request_id=row.request_id,
        changes=row.changes,
        details_hash=row.details_hash,
        previous_hash=row.previous_hash,
        version=row.version,
    )


def _hash_of(detail: EvidenceDetail | None) -> str | None:
    if detail is None:
        return None
    return rules.details_hash(
        salt=detail.salt,
        address=detail.address,
        user_agent=detail.user_agent,
        details=detail.details,
    )


def with_details(seqs: Collection[int]) -> Iterator[int]:
    """Yield those of these numbers whose entries have details."""
    ordered = sorted(seqs)
    for start in range(0, len(ordered), IN_ONE):
        part = ordered[start : start + IN_ONE]
        yield from db.session.scalars(
            select(EvidenceDetail.seq)
            .where(EvidenceDetail.seq.in_(part))
            .order_by(EvidenceDetail.seq)
        )


def about(*, person_id: int, naming: Collection[str]) -> set[int]:
    """Return the numbers of the entries with details that tell of a person.

    What the person did, what was done to the person's own record, and what names one of `naming`
    (a mail address, a phone number) in its details.
    """
    named = [EvidenceDetail.details.contains(each, autoescape=True) for each in naming]
    found = db.session.scalars(
        select(EvidenceDetail.seq)
        .join(EvidenceEntry, EvidenceEntry.seq == EvidenceDetail.seq)
        .where(
            or_(
                EvidenceEntry.person_id == person_id,
                and_(
                    EvidenceEntry.subject == "person",
                    EvidenceEntry.subject_id == str(person_id),
                ),
                *named,
            )
        )
    )
    return set(found)


def with_details_before(at: datetime, *, limit: int) -> list[int]:
    """Return the numbers of the oldest entries from before `at` that still have details."""
    return list(
        db.session.scalars(
            select(EvidenceDetail.seq)
            .join(EvidenceEntry, EvidenceEntry.seq == EvidenceDetail.seq)
            .where(EvidenceEntry.at < at)
            .order_by(EvidenceDetail.seq)
            .limit(limit)
        )
    )


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries are wanted; None means any. Instants are half-open: since <= at < until."""

    person_ids: Collection[int] | None = None
    organisation_ids: Collection[int] | None = None
    actions: Collection[str] | None = None
    subject: str | None = None
    subject_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as its reader sees it; `has_details` is False once they were erased."""

    entry: rules.Entry
    hash: str
    has_details: bool
    address: str | None
    user_agent: str | None
    details: Mapping[str, Any]


def _row(entry: EvidenceEntry, detail: EvidenceDetail | None) -> EntryRow:
    return EntryRow(
        entry=_entry(entry),
        hash=entry.hash,
        has_details=detail is not None,
        address=detail.address if detail else None,
        user_agent=detail.user_agent if detail else None,
        details=json.loads(detail.details) if detail else {},
    )


def _wanted(search: Search) -> list[ColumnElement[bool]]:
    column = EvidenceEntry
    one_of = (
        (column.person_id, search.person_ids),
        (column.organisation_id, search.organisation_ids),
        (column.action, search.actions),
    )
    equal = ((column.subject, search.subject), (column.subject_id, search.subject_id))
    wanted: list[ColumnElement[bool]] = [
        each.in_(values) for each, values in one_of if values is not None
    ]
    wanted += [each == value for each, value in equal if value is not None]
    if search.since is not None:
        wanted.append(column.at >= search.since)
    if search.until is not None:
        wanted.append(column.at < search.until)
    return wanted


def found(search: Search, *, before: int | None, limit: int) -> Sequence[EntryRow]:
    """Return up to `limit` entries, newest first; only those with numbers below `before`."""
    statement = (
        select(EvidenceEntry, EvidenceDetail)
        .outerjoin(EvidenceDetail, EvidenceDetail.seq == EvidenceEntry.seq)
        .where(*_wanted(search))
        .order_by(EvidenceEntry.seq.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(EvidenceEntry.seq < before)
    return [_row(entry, detail) for entry, detail in db.session.execute(statement)]


def entry(seq: int) -> EntryRow | None:
    """Return one entry, or None."""
    row = db.session.execute(
        select(EvidenceEntry, EvidenceDetail)
        .outerjoin(EvidenceDetail, EvidenceDetail.seq == EvidenceEntry.seq)
        .where(EvidenceEntry.seq == seq)
    ).one_or_none()
    return _row(*row) if row else None
