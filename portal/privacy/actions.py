"""Writes: asking for a copy, making it, letting it go; planning, undoing and doing a deletion."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import structlog
from flask import current_app
from sqlalchemy import select

from portal.accounts.models import Membership, Organisation
from portal.db import Conflict, db, refuse_conflicts
from portal.evidence import actions as evidence
from portal.outbox import actions as outbox
from portal.privacy import copying, erasing, queries, rules
from portal.privacy.models import AccountDeletion, DataExport
from portal.privacy.rules import ExportState, Obstacles
from portal.privacy.walking import Subject

log = structlog.get_logger()
EXPORT = "privacy.export"


class Obstructed(Exception):
    """Something has to be settled before this person can be deleted."""

    def __init__(self, obstacles: Obstacles) -> None:
        super().__init__(str(obstacles))
        self.obstacles = obstacles


class NothingPlanned(LookupError):
    """No deletion is planned for this person."""


def ask_for_copy(*, subject: Subject, asked_by: int, at: datetime) -> DataExport:
    """Have a copy made by a job; asking again while one is being made returns that one."""
    waiting = db.session.scalar(
        select(DataExport).where(
            DataExport.asked_by == asked_by,
            DataExport.person_id == subject.person_id,
            DataExport.organisation_id == subject.organisation_id,
            DataExport.state == ExportState.WAITING,
        )
    )
    if waiting is not None:
        return waiting
    export = DataExport(
        public_id=secrets.token_urlsafe(16),
        person_id=subject.person_id,
        organisation_id=subject.organisation_id,
        asked_by=asked_by,
        asked_at=at,
    )
    db.session.add(export)
    db.session.flush()
    job = outbox.post(
        kind=EXPORT,
        args={"export_id": export.id},
        key=f"{EXPORT}:{export.id}",
        at=at,
        caused_by=asked_by,
    )
    export.job_id = job.id
    db.session.flush()
    return export


def make_copy(*, export_id: int, at: datetime) -> None:
    """Write the copy and let who asked take it away; a second run writes it anew."""
    export = db.session.get(DataExport, export_id)
    if export is None or export.state != ExportState.WAITING:
        return  # who asked is gone, or another worker was quicker
    target = queries.path_of(export.public_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    copying.write(
        subject=Subject(person_id=export.person_id, organisation_id=export.organisation_id),
        target=target,
        facts_dir=current_app.extensions["tongtu.settings"].facts_dir,
        made_at=at,
    )
    export.state, export.made_at = ExportState.READY.value, at
    export.size_bytes, export.expires_at = target.stat().st_size, at + rules.KEPT
    db.session.flush()


def expire_copies(*, at: datetime) -> int:
    """Delete the files of copies that nobody needs any more; return how many."""
    old = db.session.scalars(
        select(DataExport).where(DataExport.state == ExportState.READY, DataExport.expires_at <= at)
    ).all()
    for export in old:
        queries.path_of(export.public_id).unlink(missing_ok=True)
        export.state = ExportState.EXPIRED.value
    db.session.flush()
    return len(old)


def plan_deletion(*, person_id: int, at: datetime) -> datetime:
    """Have a person deleted after the days of grace; return when. Raises Obstructed.

    Asking again changes nothing.
    """
    found = queries.obstacles(person_id, at=at)
    if found.any:
        raise Obstructed(found)
    planned = queries.planned_deletion(person_id)
    if planned is not None:
        return planned.due_at
    due_at = at + rules.GRACE
    try:
        with refuse_conflicts():
            db.session.add(AccountDeletion(person_id=person_id, asked_at=at, due_at=due_at))
    except Conflict:
        pass  # the same wish from another window was a moment quicker
    return due_at


def _planned(person_id: int) -> AccountDeletion:
    """Return the open deletion of a person, locked; raise NothingPlanned."""
    found = db.session.scalar(
        select(AccountDeletion)
        .where(
            AccountDeletion.person_id == person_id,
            AccountDeletion.cancelled_at.is_(None),
            AccountDeletion.done_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NothingPlanned(person_id)
    return found


def undo_deletion(*, person_id: int, at: datetime) -> None:
    """Keep the account after all; raise NothingPlanned."""
    _planned(person_id).cancelled_at = at
    db.session.flush()


def carry_out(*, person_id: int, at: datetime) -> None:
    """Delete a person whose time has come; raise NothingPlanned, or Obstructed when something new
    stands in the way.
    """
    deletion = _planned(person_id)
    if deletion.due_at > at:
        raise NothingPlanned(person_id)
    delete_now(person_id=person_id, at=at)
    db.session.get_one(AccountDeletion, deletion.id).done_at = at
    db.session.flush()


def delete_now(*, person_id: int, at: datetime) -> None:
    """Delete a person at once; raise Obstructed. For what is due, and after a restored backup."""
    _lock_organisations_of(person_id)
    found = queries.obstacles(person_id, at=at)
    if found.any:
        raise Obstructed(found)
    files = _files_asked_by(person_id)
    erasing.erase(person_id=person_id, at=at)
    for file in files:
        file.unlink(missing_ok=True)
    log.info("privacy.person_erased", person_id=person_id)


def _lock_organisations_of(person_id: int) -> None:
    """Hold the organisations, or two last owners could be deleted at the same moment."""
    of_person = select(Membership.organisation_id).where(Membership.person_id == person_id)
    held = (
        select(Organisation.id)
        .where(Organisation.id.in_(of_person))
        .order_by(Organisation.id)
        .with_for_update()
    )
    db.session.execute(held).all()


def _files_asked_by(person_id: int) -> Sequence[Path]:
    ids = db.session.scalars(
        select(DataExport.public_id).where(
            (DataExport.asked_by == person_id) | (DataExport.person_id == person_id)
        )
    )
    return [queries.path_of(each) for each in ids]


def note_taken(*, public_id: str) -> None:
    """Write to the log that a copy was taken away."""
    evidence.log_read(action="privacy.copy_taken", subject="data_export", subject_id=public_id)
