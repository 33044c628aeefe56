"""Keeps a worker that lost its job from writing: every commit inside the job checks the lease.

A worker that was stopped for longer than its lease, by a full memory or a sleeping laptop, goes on
as if nothing had been. By then another one has its job. The check and the commit are one
transaction, and the job's row stays locked in between, so there is no moment for both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.db import db
from portal.outbox import actions

_held: ContextVar[tuple[int, str] | None] = ContextVar("held_job", default=None)


@contextmanager
def held(*, job_id: int, owner: str) -> Iterator[None]:
    """Let every commit of the block raise LostLease, and write nothing, once the lease is lost."""
    token = _held.set((job_id, owner))
    try:
        yield
    finally:
        _held.reset(token)


@event.listens_for(db.session, "before_commit")
def _check(session: Session) -> None:
    job = _held.get()
    if job is not None and not session.in_nested_transaction():
        job_id, owner = job
        actions.held(job_id=job_id, owner=owner)
