"""Periodic jobs: for each kind one row that is next; whoever runs it sees to the one after.

The key names the kind and the instant, so however many workers look, there is one job a period.
While one is waiting or running no further one is posted: periods in which nobody worked are made
up for by one run, not by many.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from sqlalchemy import delete, select
from sqlalchemy.sql.elements import ColumnElement

from portal.db import Base, Conflict, db, refuse_conflicts
from portal.outbox import rules
from portal.outbox.models import Job, Worker
from portal.outbox.rules import JobState, Period


def schedule(periods: Mapping[str, Period], *, zone: tzinfo, at: datetime) -> int:
    """Post the next run of every periodic kind that has none ahead; return how many were posted."""
    ahead = set(
        db.session.scalars(
            select(Job.kind).where(
                Job.kind.in_(periods),
                Job.key.like("%@%"),
                Job.state.in_([JobState.WAITING, JobState.RUNNING]),
            )
        )
    )
    return sum(
        _post(kind, due=rules.next_due(period, after=at, zone=zone), at=at)
        for kind, period in sorted(periods.items(), key=lambda each: each[0])
        if kind not in ahead
    )


def _post(kind: str, *, due: datetime, at: datetime) -> bool:
    """Post one run; return False when another worker has, even if it is done by now."""
    key = rules.key_of_period(kind, due)
    if db.session.scalar(select(Job.id).where(Job.key == key)) is not None:
        return False
    try:
        with refuse_conflicts():
            db.session.add(Job(kind=kind, args={}, key=key, run_after=due, created_at=at))
    except Conflict:
        return False
    return True


def purge(*, at: datetime) -> int:
    """Delete jobs that were over 30 days ago and workers long gone; return how many jobs.

    A job that a record still points to (an import, a build) stays as long as the record.
    """
    over = at - rules.KEPT
    finished = (Job.state == JobState.DONE) & (Job.finished_at < over)
    given_up = (Job.state == JobState.DEAD) & (Job.given_up_at < over)
    db.session.execute(delete(Worker).where(Worker.seen_at < over))
    gone = db.session.execute(
        delete(Job)
        .where(finished | given_up, *_pointed_to())
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _pointed_to() -> list[ColumnElement[bool]]:
    """Return a condition for every column of any table that points to a job: not that one."""
    return [
        Job.id.not_in(select(column).where(column.is_not(None)))
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column is Job.__table__.c.id for key in column.foreign_keys)
    ]
