"""Reads of the job ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, UnaryExpression, and_, func, select

from portal.db import db
from portal.outbox import rules
from portal.outbox.models import Job, Worker
from portal.outbox.rules import JobState, Pile
from portal.paging import Page, Paged


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
    caused_by: int | None
    created_at: datetime
    run_after: datetime
    started_at: datetime | None
    finished_at: datetime | None
    given_up_by: int | None
    given_up_at: datetime | None
    given_up_reason: str | None

    @property
    def percent(self) -> int:
        """Progress from 0 to 100; 0 while the total is unknown."""
        return 100 * self.progress_done // self.progress_total if self.progress_total else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in {JobState.DONE, JobState.DEAD}


def _row(job: Job) -> JobRow:
    return JobRow(
        id=job.id,
        kind=job.kind,
        state=JobState(job.state),
        attempt=job.attempt,
        progress_done=job.progress_done,
        progress_total=job.progress_total,
        error=job.error,
        caused_by=job.caused_by,
        created_at=job.created_at,
        run_after=job.run_after,
        started_at=job.started_at,
        finished_at=job.finished_at,
        given_up_by=job.given_up_by,
        given_up_at=job.given_up_at,
        given_up_reason=job.given_up_reason,
    )


def job(job_id: int) -> JobRow | None:
    """Return a job, or None."""
    found = db.session.get(Job, job_id)
    return _row(found) if found else None


def watched(job_id: int, *, person_id: int, sees_all: bool) -> JobRow | None:
    """Return a job that this person caused, or any that there is to who `sees_all`; else None."""
    found = job(job_id)
    if found is None or sees_all or found.caused_by == person_id:
        return found
    return None


_DEAD = and_(Job.state == JobState.DEAD, Job.given_up_at.is_(None))
_PILES: Mapping[Pile, ColumnElement[bool]] = {
    Pile.FAILED: _DEAD,
    Pile.RUNNING: Job.state == JobState.RUNNING,
    Pile.WAITING: Job.state == JobState.WAITING,
    Pile.DONE: Job.state == JobState.DONE,
    Pile.GIVEN_UP: and_(Job.state == JobState.DEAD, Job.given_up_at.is_not(None)),
}
_ORDERS: Mapping[Pile, UnaryExpression[datetime | None] | UnaryExpression[datetime]] = {
    Pile.FAILED: Job.finished_at.desc(),
    Pile.RUNNING: Job.started_at.desc(),
    Pile.WAITING: Job.run_after.asc(),
    Pile.DONE: Job.finished_at.desc(),
    Pile.GIVEN_UP: Job.given_up_at.desc(),
}


def jobs(*, pile: Pile, kind: str | None, page: Page) -> Paged[JobRow]:
    """Return a pile of jobs, of one kind or (None) of all: the next or the latest first."""
    wanted = [_PILES[pile], *([Job.kind == kind] if kind else [])]
    total = db.session.scalar(select(func.count()).select_from(Job).where(*wanted)) or 0
    found = db.session.scalars(
        select(Job)
        .where(*wanted)
        .order_by(_ORDERS[pile], Job.id.desc())
        .limit(page.size)
        .offset(page.offset)
    )
    return Paged(rows=[_row(each) for each in found], total=total, page=page)


def pile_sizes() -> Mapping[Pile, int]:
    """Return how many jobs lie on each pile."""
    counts = [func.count().filter(condition) for condition in _PILES.values()]
    sizes = db.session.execute(select(*counts).select_from(Job)).one()
    return dict(zip(_PILES, sizes, strict=True))


def kinds() -> list[str]:
    """Return the kinds of which there is any job, by name."""
    return list(db.session.scalars(select(Job.kind).distinct().order_by(Job.kind)))


def workers(*, at: datetime) -> int:
    """Return how many workers have been heard of lately."""
    alive = Worker.seen_at >= at - rules.SEEN_LATELY
    return db.session.scalar(select(func.count()).select_from(Worker).where(alive)) or 0


def counts() -> Mapping[tuple[str, JobState], int]:
    """Return how many jobs there are of each kind in each state; none are left out as 0."""
    rows = db.session.execute(
        select(Job.kind, Job.state, func.count())
        .group_by(Job.kind, Job.state)
        .order_by(Job.kind, Job.state)
    )
    return {(kind, JobState(state)): count for kind, state, count in rows}


def longest_wait(*, at: datetime) -> timedelta:
    """Return for how long the job that waits longest has been due; zero when none is."""
    due = select(func.min(Job.run_after)).where(Job.state == JobState.WAITING, Job.run_after <= at)
    oldest = db.session.scalar(due)
    return at - oldest if oldest is not None else timedelta()


def dead_by_kind() -> Mapping[str, int]:
    """Return how many jobs of each kind failed for good and wait for a person."""
    rows = db.session.execute(
        select(Job.kind, func.count()).where(_DEAD).group_by(Job.kind).order_by(Job.kind)
    )
    return dict(rows.all())


def dead_count() -> int:
    """Return how many jobs failed for good and wait for a person."""
    dead = select(func.count()).select_from(Job).where(_DEAD)
    return db.session.scalar(dead) or 0
