"""Reads about copies of data and about accounts that are to be deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, func, select

from portal.access import Role
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.sign_in import queries as sign_in
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Booking
from portal.db import db
from portal.outbox import queries as outbox
from portal.outbox.queries import JobRow
from portal.privacy.models import AccountDeletion, DataExport
from portal.privacy.rules import ExportState, Obstacles

LATEST = 10  # copies that a page lists; older ones are long gone


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A copy that was asked for. `job` is None once the ledger has forgotten it."""

    public_id: str
    whose: str  # the name of the person or the organisation
    of_organisation: bool
    asked_at: datetime
    state: ExportState
    size_bytes: int | None
    expires_at: datetime | None
    job: JobRow | None


@dataclass(frozen=True, slots=True)
class DeletionRow:
    """A deletion that is planned."""

    person_id: int
    name: str
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A person or an organisation, found by what an operator typed; one of the two is None."""

    person_id: int | None
    organisation_id: int | None
    name: str


def path_of(public_id: str) -> Path:
    """Return where a copy lies once it is made."""
    folder: Path = current_app.extensions["tongtu.settings"].exports_dir
    return folder / f"{public_id}.zip"


def exports_asked_by(person_id: int) -> Sequence[ExportRow]:
    """Return the latest copies that a person asked for, newest first."""
    rows = db.session.execute(
        select(DataExport, Person.name, Organisation.name)
        .outerjoin(Person, Person.id == DataExport.person_id)
        .outerjoin(Organisation, Organisation.id == DataExport.organisation_id)
        .where(DataExport.asked_by == person_id)
        .order_by(DataExport.asked_at.desc(), DataExport.id.desc())
        .limit(LATEST)
    ).all()
    return [
        ExportRow(
            public_id=found.public_id,
            whose=person or organisation or "",
            of_organisation=found.organisation_id is not None,
            asked_at=found.asked_at,
            state=ExportState(found.state),
            size_bytes=found.size_bytes,
            expires_at=found.expires_at,
            job=_job_of(found),
        )
        for found, person, organisation in rows
    ]


def _job_of(found: DataExport) -> JobRow | None:
    if found.state != ExportState.WAITING or found.job_id is None:
        return None  # at most one waits per subject, so this reads one row
    return outbox.job(found.job_id)


def file_for(*, public_id: str, asked_by: int) -> Path | None:
    """Return the file of a copy that this person asked for; None for others', and once it went."""
    state = db.session.scalar(
        select(DataExport.state).where(
            DataExport.public_id == public_id, DataExport.asked_by == asked_by
        )
    )
    path = path_of(public_id)
    return path if state == ExportState.READY and path.is_file() else None


def _open() -> tuple[ColumnElement[bool], ...]:
    return (AccountDeletion.cancelled_at.is_(None), AccountDeletion.done_at.is_(None))


def _deletions(*conditions: ColumnElement[bool]) -> list[DeletionRow]:
    rows = db.session.execute(
        select(AccountDeletion, Person.name)
        .join(Person, Person.id == AccountDeletion.person_id)
        .where(*_open(), *conditions)
        .order_by(AccountDeletion.due_at, AccountDeletion.id)
    )
    return [
        DeletionRow(
            person_id=found.person_id, name=name, asked_at=found.asked_at, due_at=found.due_at
        )
        for found, name in rows
    ]


def planned_deletion(person_id: int) -> DeletionRow | None:
    """Return the deletion that is planned for a person, or None."""
    return next(iter(_deletions(AccountDeletion.person_id == person_id)), None)


def planned_deletions() -> Sequence[DeletionRow]:
    """Return every deletion that is planned, the next one first."""
    return _deletions()


def due_deletions(*, at: datetime) -> Sequence[DeletionRow]:
    """Return the deletions whose time has come."""
    return _deletions(AccountDeletion.due_at <= at)


def obstacles(person_id: int, *, at: datetime) -> Obstacles:
    """Return what has to be settled before a person can be deleted."""
    return Obstacles(
        sole_owner_of=_sole_owner_of(person_id),
        is_last_operator=_is_last_operator(person_id),
        sessions_ahead=_sessions_ahead(person_id, at=at),
    )


def _sole_owner_of(person_id: int) -> list[str]:
    owned = select(Membership.organisation_id).where(
        Membership.person_id == person_id, Membership.is_owner
    )
    owned_by_others = select(Membership.organisation_id).where(
        Membership.person_id != person_id, Membership.is_owner
    )
    return list(
        db.session.scalars(
            select(Organisation.name)
            .where(
                Organisation.id.in_(owned),
                Organisation.id.not_in(owned_by_others),
                Organisation.state == "active",
            )
            .order_by(Organisation.name, Organisation.id)
        )
    )


def _is_last_operator(person_id: int) -> bool:
    operators = set(
        db.session.scalars(
            select(Membership.person_id).where(Membership.role == Role.OPERATOR.value)
        )
    )
    return operators == {person_id}


def _sessions_ahead(person_id: int, *, at: datetime) -> int:
    ahead = (
        select(func.count())
        .select_from(Booking)
        .join(Consultant, Consultant.id == Booking.consultant_id)
        .where(Consultant.person_id == person_id, Booking.state == "booked", Booking.ends_at > at)
    )
    return db.session.scalar(ahead) or 0


def named(text: str) -> Sequence[Found]:
    """Return who or what an operator means: by phone, mail address, or an organisation's name."""
    wanted = text.replace("\0", "").strip()
    account = sign_in.account(identity=sign_in.normalised(wanted)) if wanted else None
    people = [Found(account.person_id, None, account.name)] if account else []
    organisations = db.session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.name == wanted)
        .order_by(Organisation.id)
    )
    return [*people, *(Found(None, number, name) for number, name in organisations)]
