"""Writes of the job ledger: post in the causing transaction, claim under a lease, finish, retry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from portal.db import db
from portal.outbox import rules
from portal.outbox.models import Job
from portal.outbox.rules import JobState


class LostLease(RuntimeError):
    """Another worker took the job over; this one must stop and leave no trace."""


def post(*, kind: str, args: Mapping[str, Any], at: datetime, key: str | None = None) -> Job:
    """Write down work for after the commit; a second post with the same `key` returns the first.

    A finished job's key may be used again: its row is then started over.
    """
    if key is not None:
        earlier = db.session.scalar(select(Job).where(Job.key == key).with_for_update())
        if earlier is not None:
            return _start_over(earlier, args=args, at=at)
    job = Job(kind=kind, args=dict(args), key=key, run_after=at, created_at=at)
    db.session.add(job)
    db.session.flush()
    return job


def _start_over(job: Job, *, args: Mapping[str, Any], at: datetime) -> Job:
    if job.state in {JobState.DONE, JobState.DEAD}:
        job.state, job.args, job.attempt = JobState.WAITING, dict(args), 0
        job.run_after, job.created_at, job.finished_at, job.error = at, at, None, None
        job.progress_done = job.progress_total = 0
        db.session.flush()
    return job


def claim(*, owner: str, at: datetime) -> Job | None:
    """Take the next due job under a lease, or return None when nothing is due.

    A running job whose lease ran out counts as due: its worker is gone.
    """
    due: ColumnElement[bool] = or_(
        and_(Job.state == JobState.WAITING, Job.run_after <= at),
        and_(Job.state == JobState.RUNNING, Job.lease_until < at),
    )
    job = db.session.scalar(
        select(Job)
        .where(due)
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    job.state, job.owner, job.attempt = JobState.RUNNING, owner, job.attempt + 1
    job.lease_until = at + rules.LEASE
    db.session.flush()
    return job


def _held(job_id: int, owner: str) -> Job:
    job = db.session.scalar(
        select(Job)
        .where(Job.id == job_id, Job.owner == owner, Job.state == JobState.RUNNING)
        .with_for_update()
    )
    if job is None:
        raise LostLease(f"job {job_id} is no longer held by {owner}")
    return job


def renew(*, job_id: int, owner: str, at: datetime) -> None:
    """Hold the job longer; raise LostLease when another worker has it."""
    _held(job_id, owner).lease_until = at + rules.LEASE
    db.session.flush()


def report_progress(*, job_id: int, owner: str, done: int, total: int, at: datetime) -> None:
    """Record how far the job is; holding it longer too."""
    job = _held(job_id, owner)
    job.progress_done, job.progress_total = done, total
    job.lease_until = at + rules.LEASE
    db.session.flush()


def finish(*, job_id: int, owner: str, at: datetime) -> None:
    """Record that the job is done."""
    job = _held(job_id, owner)
    job.state, job.finished_at, job.error = JobState.DONE, at, None
    db.session.flush()


def fail(*, job_id: int, owner: str, error: str, at: datetime) -> JobState:
    """Record a failed try: the job waits for the next one, or is given up; return which."""
    job = _held(job_id, owner)
    job.error = error
    if rules.is_exhausted(job.attempt):
        job.state, job.finished_at = JobState.DEAD, at
    else:
        job.state, job.run_after = JobState.WAITING, at + rules.pause_after(job.attempt)
    db.session.flush()
    return JobState(job.state)
