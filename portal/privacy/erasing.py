"""Deletes a person: everything that tells who it was goes, what the shop has done stays.

Walks the registry. Children go before their parents; the person's row stays, without a name, so
that bookings, feedback and tickets still add up.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, or_, select, update

from portal.accounts.models import Person
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Booking
from portal.db import Base, db
from portal.evidence import actions as evidence
from portal.notices.models import Notice
from portal.privacy import walking
from portal.privacy.registry import TABLES
from portal.privacy.rules import Deletion, Field, Identity, Table, masked
from portal.privacy.walking import Subject, sql_table

# Its rows go by an entry of the audit trail that says so.
_DETAILS = "evidence_detail"
_CHUNK = 500


def erase(*, person_id: int, at: datetime) -> None:
    """Delete what tells who this person was; a second run finds nothing left to do."""
    person = db.session.get_one(Person, person_id, populate_existing=True)
    identity = Identity(name=person.name, mail=person.email, phone=person.us_phone_number)
    db.session.flush()
    db.session.expunge_all()  # from here on rows change behind the session's back
    subject = Subject(person_id=person_id)
    _mask_notices(person_id, identity)
    tables = _children_first()
    for table in tables:
        _mask(table, walking.rows_of(table, subject), identity)
    evidence.erase_details_of(person_id=person_id, naming=identity.contacts, at=at)
    for table in tables:
        if table.rows is Deletion.ERASE and table.name != _DETAILS:
            _erase_rows(table, subject, identity)
    for table in tables:
        _blank(table, subject)
    evidence.record(
        action="privacy.person_erased", at=at, subject="person", subject_id=str(person_id)
    )


def _children_first() -> list[Table]:
    order = [table.name for table in reversed(Base.metadata.sorted_tables)]
    return [TABLES[name] for name in order if name in TABLES]


def _fields(table: Table, deletion: Deletion) -> dict[str, Field]:
    return {name: each for name, each in table.fields.items() if each.deletion is deletion}


def _mask(table: Table, condition: ColumnElement[bool] | None, identity: Identity) -> None:
    names = sorted(_fields(table, Deletion.MASK))
    if not names or condition is None:
        return
    rows = sql_table(table.name)
    keys = list(rows.primary_key.columns)
    columns = [rows.c[name] for name in names]
    for row in db.session.execute(select(*keys, *columns).where(condition)).all():
        was = dict(zip(names, row[len(keys) :], strict=True))
        now = {name: masked(value, identity) for name, value in was.items()}
        if now != was:
            this = [key == value for key, value in zip(keys, row[: len(keys)], strict=True)]
            db.session.execute(update(rows).where(*this).values(now))


def _mask_notices(person_id: int, identity: Identity) -> None:
    """Take the name out of what others were told about this person's sessions."""
    own = select(Consultant.id).where(Consultant.person_id == person_id)
    sessions = db.session.scalars(
        select(Booking.public_id).where(
            or_(Booking.person_id == person_id, Booking.consultant_id.in_(own))
        )
    ).all()
    for start in range(0, len(sessions), _CHUNK):
        _mask_notices_about(sessions[start : start + _CHUNK], identity)


def _mask_notices_about(public_ids: Sequence[str], identity: Identity) -> None:
    paths = [f"/{room}/{each}" for room in ("booking", "sessions") for each in public_ids]
    rows = sql_table(Notice.__tablename__)
    _mask(TABLES[rows.name], rows.c.path.in_(paths), identity)


def _erase_rows(table: Table, subject: Subject, identity: Identity) -> None:
    rows = sql_table(table.name)
    conditions: list[ColumnElement[bool]] = [
        rows.c[name].in_(identity.contacts) for name in table.identities
    ]
    own = walking.rows_of(table, subject)
    if own is not None:
        conditions.append(own)
    if conditions:
        db.session.execute(delete(rows).where(or_(*conditions)))


def _blank(table: Table, subject: Subject) -> None:
    rows = sql_table(table.name)
    own = walking.rows_of(table, subject)
    values: dict[str, Any] = {}
    for name, each in _fields(table, Deletion.BLANK).items():
        if _points_to_person(rows.c[name]):
            # It is blanked where it points to this person, not in every row of theirs.
            here = rows.c[name] == subject.person_id
            db.session.execute(update(rows).where(here).values({name: each.blank}))
        else:
            values[name] = _blank_value(each, subject)
    if values and own is not None:
        db.session.execute(update(rows).where(own).values(values))


def _points_to_person(column: Column[Any]) -> bool:
    return any(key.target_fullname == "person.id" for key in column.foreign_keys)


def _blank_value(each: Field, subject: Subject) -> Any:
    if isinstance(each.blank, str):
        return each.blank.format(id=subject.person_id)
    return each.blank
