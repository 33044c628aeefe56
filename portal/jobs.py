"""The worker: takes jobs from the ledger under a lease and runs them. Knows every kind of job.

Work is done at least once, so each kind is idempotent: a second run finds its work done.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import structlog
from flask import Flask

from portal import clock
from portal.db import db, unit_of_work
from portal.outbox import actions, rules
from portal.reporting import tasks as reporting
from portal.sales import tasks as sales

log = structlog.get_logger()
IDLE_S = 0.5


class Progress(Protocol):
    """Tells the ledger how far a job is."""

    def __call__(self, done: int, total: int) -> None:
        """Record `done` of `total` units of work."""


Handler = Callable[[Mapping[str, Any], Progress], None]
HANDLERS: Mapping[str, Handler] = {**reporting.HANDLERS, **sales.HANDLERS}


def worker_name() -> str:
    """Return a name that no other worker has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@contextmanager
def _lease_kept(app: Flask, job_id: int, owner: str) -> Iterator[None]:
    """Renew the lease in the background while the block runs."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(rules.LEASE.total_seconds() / 3):
            with app.app_context(), unit_of_work():
                actions.renew(job_id=job_id, owner=owner, at=clock.now())

    keeper = threading.Thread(target=renew, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def run_next(app: Flask, *, owner: str, handlers: Mapping[str, Handler] = HANDLERS) -> bool:
    """Run the next due job; return False when nothing was due."""
    with app.app_context():
        with unit_of_work():
            job = actions.claim(owner=owner, at=clock.now())
            claimed = None if job is None else (job.id, job.kind, dict(job.args))
        if claimed is None:
            return False
        job_id, kind, args = claimed

        def progress(done: int, total: int) -> None:
            with unit_of_work():
                actions.report_progress(
                    job_id=job_id, owner=owner, done=done, total=total, at=clock.now()
                )

        try:
            with _lease_kept(app, job_id, owner):
                handlers[kind](args, progress)
            with unit_of_work():
                actions.finish(job_id=job_id, owner=owner, at=clock.now())
            log.info("job.done", job_id=job_id, kind=kind)
        except Exception as error:  # whatever failed, the ledger must know
            _record_failure(job_id, kind, owner, error)
    return True


def _record_failure(job_id: int, kind: str, owner: str, error: Exception) -> None:
    db.session.rollback()
    log.error("job.failed", job_id=job_id, kind=kind, exc_info=error)
    try:
        with unit_of_work():
            actions.fail(
                job_id=job_id,
                owner=owner,
                error=f"{type(error).__name__}: {error}",
                at=clock.now(),
            )
    except actions.LostLease:
        log.warning("job.lease_lost", job_id=job_id, kind=kind)


def run_all(app: Flask) -> int:
    """Run jobs until none is due; return how many ran. For commands and tests."""
    owner, count = worker_name(), 0
    while run_next(app, owner=owner):
        count += 1
    return count


def work(app: Flask, *, stop: threading.Event) -> None:
    """Run jobs until `stop` is set."""
    owner = worker_name()
    log.info("worker.started", owner=owner)
    while not stop.is_set():
        if not run_next(app, owner=owner):
            stop.wait(IDLE_S)
