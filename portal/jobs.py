"""The worker: takes jobs from the ledger under a lease and runs them. Knows every kind of job.

Work is done at least once, so each kind is idempotent: a second run finds its work done. What a
handler writes without committing is committed together with the job's end, so exactly once.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal import clock, tenancy
from portal.accounts import tasks as accounts
from portal.booking import tasks as booking
from portal.calendars import tasks as calendars
from portal.certificates import tasks as certificates
from portal.db import db, unit_of_work
from portal.evidence import collecting
from portal.evidence import tasks as evidence
from portal.idempotency import tasks as idempotency
from portal.notes import tasks as notes
from portal.notices import tasks as notices
from portal.outbox import actions, fence, periodic, rules
from portal.outbox import tasks as outbox
from portal.outbox.rules import Period
from portal.practice import actions as practice_actions
from portal.practice import tasks as practice
from portal.privacy import tasks as privacy
from portal.reporting import actions as reporting_actions
from portal.reporting import tasks as reporting
from portal.review import tasks as review
from portal.rounds import tasks as rounds
from portal.sales import tasks as sales
from portal.sales.actions import deciding as sales_actions

log = structlog.get_logger()
IDLE_S = 0.5
TICK_S = 20.0
DATABASE_GONE_S = 5.0


class Progress(Protocol):
    """Tells the ledger how far a job is."""

    def __call__(self, done: int, total: int) -> None:
        """Record `done` of `total` units of work; raise LostLease when another worker has it."""


Handler = Callable[[Mapping[str, Any], Progress], None]
HANDLERS: Mapping[str, Handler] = {
    **accounts.HANDLERS,
    **booking.HANDLERS,
    **calendars.HANDLERS,
    **certificates.HANDLERS,
    **evidence.HANDLERS,
    **idempotency.HANDLERS,
    **notes.HANDLERS,
    **notices.HANDLERS,
    **outbox.HANDLERS,
    **practice.HANDLERS,
    **privacy.HANDLERS,
    **reporting.HANDLERS,
    **review.HANDLERS,
    **rounds.HANDLERS,
    **sales.HANDLERS,
}
# How often a kind runs by itself: every so often (timedelta), or daily at a local time (time).
PERIODIC: Mapping[str, Period] = {
    **accounts.PERIODIC,
    **booking.PERIODIC,
    **calendars.PERIODIC,
    **evidence.PERIODIC,
    **idempotency.PERIODIC,
    **notes.PERIODIC,
    **notices.PERIODIC,
    **outbox.PERIODIC,
    **practice.PERIODIC,
    **privacy.PERIODIC,
    **review.PERIODIC,
    **sales.PERIODIC,
}
# What is looked at once a kind is done: other orders may have come in.
FOLLOWED_BY: Mapping[str, Sequence[str]] = {
    sales_actions.IMPORT: (practice_actions.CLOSE,),
    reporting_actions.BUILD: (practice_actions.CLOSE,),
}


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: int
    kind: str
    args: Mapping[str, Any]
    owner: str


def worker_name() -> str:
    """Return a name that no other worker has."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


@contextmanager
def _lease_kept(app: Flask, job: _Claimed) -> Iterator[None]:
    """Renew the lease in the background while the block runs."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(app, job, stop), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(app: Flask, job: _Claimed, stop: threading.Event) -> None:
    while not stop.wait(rules.LEASE.total_seconds() / 3):
        try:
            with app.app_context(), unit_of_work():
                at = clock.now()
                actions.renew(job_id=job.id, owner=job.owner, at=at)
                actions.beat(worker=job.owner, at=at)
        except actions.LostLease:
            # The work itself finds out at its next progress or commit.
            log.warning("job.lease_lost", job_id=job.id, kind=job.kind)
            return
        except OperationalError as error:
            log.warning("job.lease_not_renewed", job_id=job.id, exc_info=error)


def run_next(app: Flask, *, owner: str, handlers: Mapping[str, Handler] | None = None) -> bool:
    """Run the next due job; return False when nothing was due.

    `handlers` are by kind, None for those of the portal.
    """
    with app.app_context():
        job = _claim(owner)
        if job is None:
            return False
        handler = (HANDLERS if handlers is None else handlers).get(job.kind)
        try:
            if handler is None:
                raise actions.Hopeless(rules.UNKNOWN_KIND)
            _carry_out(app, job, handler)
        except Exception as error:  # whatever failed, the ledger must know
            _record_failure(job, error)
    return True


def _claim(owner: str) -> _Claimed | None:
    with unit_of_work():
        job = actions.claim(owner=owner, at=clock.now())
        if job is None:
            return None
        return _Claimed(id=job.id, kind=job.kind, args=dict(job.args), owner=owner)


def _carry_out(app: Flask, job: _Claimed, handler: Handler) -> None:
    def progress(done: int, total: int) -> None:
        with unit_of_work():
            actions.report_progress(
                job_id=job.id, owner=job.owner, done=done, total=total, at=clock.now()
            )

    works_for_all = tenancy.for_everyone(reason="a job is done for whoever caused it")
    with _lease_kept(app, job), _recorded(job):
        with fence.held(job_id=job.id, owner=job.owner), works_for_all:
            handler(job.args, progress)
        with unit_of_work():
            at = clock.now()
            actions.finish(job_id=job.id, owner=job.owner, at=at)
            # In the transaction that ends the job, so once for it however often it was tried.
            for kind in FOLLOWED_BY.get(job.kind, ()):
                actions.post(kind=kind, key=f"{kind}:after:{job.id}", args={}, at=at)
            if job.kind in PERIODIC:
                periodic.schedule(PERIODIC, zone=clock.zone(), at=at)
    log.info("job.done", job_id=job.id, kind=job.kind)


def _recorded(job: _Claimed) -> AbstractContextManager[None]:
    """Let the record of what happened name this job wherever the block commits."""
    return collecting.acting("system", f"job.{job.kind}", subject="job", subject_id=str(job.id))


def _record_failure(job: _Claimed, error: Exception) -> None:
    db.session.rollback()
    log.error("job.failed", job_id=job.id, kind=job.kind, exc_info=error)
    hopeless = isinstance(error, actions.Hopeless)
    try:
        with unit_of_work():
            actions.fail(
                job_id=job.id,
                owner=job.owner,
                error=str(error) if hopeless else f"{type(error).__name__}: {error}",
                at=clock.now(),
                hopeless=hopeless,
            )
    except actions.LostLease:
        log.warning("job.lease_lost", job_id=job.id, kind=job.kind)


def run_all(app: Flask) -> int:
    """Run jobs until none is due; return how many ran. For commands and tests."""
    owner, count = worker_name(), 0
    while run_next(app, owner=owner):
        count += 1
    return count


def tick(app: Flask, *, owner: str) -> None:
    """Say that this worker is alive, and see that every periodic job has its next run ahead."""
    with app.app_context(), unit_of_work():
        at = clock.now()
        actions.beat(worker=owner, at=at)
        periodic.schedule(PERIODIC, zone=clock.zone(), at=at)


def work(app: Flask, *, stop: threading.Event, at_most: int | None = None) -> None:
    """Run jobs until `stop` is set, or `at_most` of them have run; the one at hand is finished."""
    owner, count, ticked = worker_name(), 0, -TICK_S
    log.info("worker.started", owner=owner)
    while not stop.is_set() and (at_most is None or count < at_most):
        try:
            if time.monotonic() - ticked >= TICK_S:
                tick(app, owner=owner)
                ticked = time.monotonic()
            if run_next(app, owner=owner):
                count += 1
            else:
                stop.wait(IDLE_S)
        except OperationalError as error:
            log.error("worker.database_gone", owner=owner, exc_info=error)
            stop.wait(DATABASE_GONE_S)
    with app.app_context(), unit_of_work():
        actions.leave(worker=owner)
    log.info("worker.ended", owner=owner, jobs=count)
