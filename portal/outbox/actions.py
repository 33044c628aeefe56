"""Writes of the job ledger: post in the causing transaction, claim under a lease, finish, retry."""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select

from portal.db import Conflict, db, refuse_conflicts
from portal.outbox import rules
from portal.outbox.models import Job, Worker
from portal.outbox.rules import JobState

_spread = random.Random()  # noqa: S311 – spreads retries in time, guards nothing


class LostLease(RuntimeError):
    """Another worker took the job over; this one must stop and leave no trace."""


class Hopeless(Exception):
    """Raised by a handler when another try would change nothing: the job is dead at once."""


def post(
    *,
    kind: str,
    args: Mapping[str, Any],
    at: datetime,
    key: str | None = None,
    caused_by: int | None = None,
) -> Job:
    """Write down work for after the commit; a second post with the same `key` returns the first.

    `at` is when it is due. A finished job's key may be used again: its row is then started over.
    `caused_by` is the person who may watch it, None for nobody but operators.
    """
    if key is None:
        return _insert(kind=kind, args=args, at=at, key=None, caused_by=caused_by)
    earlier = _by_key(key)
    if earlier is None:
        try:
            with refuse_conflicts():
                return _insert(kind=kind, args=args, at=at, key=key, caused_by=caused_by)
        except Conflict:
            earlier = _by_key(key)
            if earlier is None:
                raise
    return _start_over(earlier, args=args, at=at, caused_by=caused_by)


def _by_key(key: str) -> Job | None:
    return db.session.scalar(select(Job).where(Job.key == key).with_for_update())


def _insert(
    *, kind: str, args: Mapping[str, Any], at: datetime, key: str | None, caused_by: int | None
) -> Job:
    job = Job(kind=kind, args=dict(args), key=key, run_after=at, created_at=at, caused_by=caused_by)
    db.session.add(job)
    db.session.flush()
    return job


def _start_over(
    job: Job, *, args: Mapping[str, Any], at: datetime, caused_by: int | None = None
) -> Job:
    if job.state in {JobState.DONE, JobState.DEAD}:
        job.state, job.args, job.attempt = JobState.WAITING, dict(args), 0
        job.run_after, job.created_at, job.finished_at, job.error = at, at, None, None
        job.progress_done = job.progress_total = 0
        job.given_up_by = job.given_up_at = job.given_up_reason = None
        job.caused_by = caused_by
        db.session.flush()
    return job


def claim(*, owner: str, at: datetime) -> Job | None:
    """Take the next due job under a lease, or return None when nothing is due.

    A running job whose lease ran out counts as due: its worker is gone. One that took its worker
    with it at every try is given up, or it would take them all.
    """
    while (job := _next_due(at)) is not None:
        if job.state == JobState.RUNNING and rules.takes_its_workers_along(job.attempt):
            _bury(job, error=rules.WORKER_LOST, at=at)
            continue
        job.state, job.owner, job.attempt = JobState.RUNNING, owner, job.attempt + 1
        job.lease_until, job.started_at = at + rules.LEASE, at
        db.session.flush()
        return job
    return None


def _next_due(at: datetime) -> Job | None:
    due: ColumnElement[bool] = or_(
        and_(Job.state == JobState.WAITING, Job.run_after <= at),
        and_(Job.state == JobState.RUNNING, Job.lease_until < at),
    )
    return db.session.scalar(
        select(Job)
        .where(due)
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _bury(job: Job, *, error: str, at: datetime) -> None:
    job.state, job.error, job.finished_at = JobState.DEAD, error, at
    db.session.flush()


def held(*, job_id: int, owner: str) -> Job:
    """Return the job, locked until the commit; raise LostLease when another worker has it."""
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
    held(job_id=job_id, owner=owner).lease_until = at + rules.LEASE
    db.session.flush()


def report_progress(*, job_id: int, owner: str, done: int, total: int, at: datetime) -> None:
    """Record how far the job is; holding it longer too."""
    job = held(job_id=job_id, owner=owner)
    job.progress_done, job.progress_total = done, total
    job.lease_until = at + rules.LEASE
    db.session.flush()


def finish(*, job_id: int, owner: str, at: datetime) -> None:
    """Record that the job is done."""
    job = held(job_id=job_id, owner=owner)
    job.state, job.finished_at, job.error = JobState.DONE, at, None
    db.session.flush()


def fail(*, job_id: int, owner: str, error: str, at: datetime, hopeless: bool = False) -> JobState:
    """Record a failed try: the job waits for the next one, or is dead; return which.

    A `hopeless` one is dead at once.
    """
    job = held(job_id=job_id, owner=owner)
    if hopeless or rules.is_exhausted(job.attempt):
        _bury(job, error=error, at=at)
    else:
        job.state, job.error = JobState.WAITING, error
        job.run_after = at + rules.pause_after(job.attempt, spread=_spread.random())
        db.session.flush()
    return JobState(job.state)


class NotDead(Exception):
    """The job is not one that was given up by the machine: there is nothing to decide."""


def try_again(*, job_id: int, at: datetime) -> None:
    """Let a dead job start over with all its tries; raise NotDead for any other."""
    job = _dead(job_id)
    _start_over(job, args=job.args, at=at, caused_by=job.caused_by)


def give_up(*, job_id: int, by_person_id: int, reason: str, at: datetime) -> None:
    """Write down that nobody tries a dead job any more, and why; raise NotDead for any other."""
    job = _dead(job_id)
    job.given_up_by, job.given_up_at, job.given_up_reason = by_person_id, at, reason
    db.session.flush()


def _dead(job_id: int) -> Job:
    job = db.session.scalar(
        select(Job)
        .where(Job.id == job_id, Job.state == JobState.DEAD, Job.given_up_at.is_(None))
        .with_for_update()
    )
    if job is None:
        raise NotDead(job_id)
    return job


def beat(*, worker: str, at: datetime) -> None:
    """Let the ledger know that a worker is alive."""
    known = db.session.get(Worker, worker)
    if known is None:
        db.session.add(Worker(name=worker, started_at=at, seen_at=at))
    else:
        known.seen_at = at
    db.session.flush()


def leave(*, worker: str) -> None:
    """Forget a worker that ends."""
    db.session.execute(delete(Worker).where(Worker.name == worker))
