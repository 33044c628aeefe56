"""Reads of the job ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.db import db
from portal.outbox.models import Job
from portal.outbox.rules import JobState


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as pages see it."""

    id: int
    kind: str
    state: JobState
    attempt: int
    progress_done: int
    progress_total: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def percent(self) -> int:
        """Progress from 0 to 100; 0 while the total is unknown."""
        return 100 * self.progress_done // self.progress_total if self.progress_total else 0


def _row(job: Job) -> JobRow:
    return JobRow(
        id=job.id,
        kind=job.kind,
        state=JobState(job.state),
        attempt=job.attempt,
        progress_done=job.progress_done,
        progress_total=job.progress_total,
        error=job.error,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )


def job(job_id: int) -> JobRow | None:
    """Return a job, or None."""
    found = db.session.get(Job, job_id)
    return _row(found) if found else None


def dead_by_kind() -> Mapping[str, int]:
    """Return how many jobs of each kind were given up; kinds without one are left out."""
    rows = db.session.execute(
        select(Job.kind, func.count())
        .where(Job.state == JobState.DEAD)
        .group_by(Job.kind)
        .order_by(Job.kind)
    )
    return dict(rows.all())


def dead_count() -> int:
    """Return how many jobs were given up and wait for a person."""
    dead = select(func.count()).select_from(Job).where(Job.state == JobState.DEAD)
    return db.session.scalar(dead) or 0
