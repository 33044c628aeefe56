"""A worker is killed with SIGKILL in the middle of a job: another one does the work."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import clock, jobs
from portal.db import db, unit_of_work
from portal.outbox import actions, rules
from portal.outbox.models import Job
from portal.outbox.rules import JobState

PROJECT = Path(__file__).resolve().parents[2]
WORKER = """
import sys, time
from portal import jobs
from portal.app import create_app

def hangs(args, progress):
    progress(1, 10)
    print("at work", flush=True)
    time.sleep(60)

jobs.run_next(create_app(), owner="doomed", handlers={"test": hangs})
"""


@pytest.fixture
def killed_worker(context, tmp_path):
    """Start a worker process on this test's database, kill it while it works."""
    env = {
        **os.environ,
        "TONGTU_SECRET_KEY": "x" * 40,
        "TONGTU_PASSWORD_SALT": "y" * 40,
        "TONGTU_DATA_DIR": str(tmp_path),
        "TONGTU_DATABASE_URL": context.config["SQLALCHEMY_DATABASE_URI"],
    }

    def run() -> None:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=PROJECT, env=env, stdout=subprocess.PIPE
        )
        with worker:
            assert b"at work" in worker.stdout.readline()
            worker.send_signal(signal.SIGKILL)

    return run


def test_the_job_of_a_killed_worker_is_done_by_another_after_its_lease(
    context, killed_worker, monkeypatch
):
    with unit_of_work():
        actions.post(kind="test", args={"n": 1}, at=clock.now())
    killed_worker()
    done = []

    def does(args, progress):
        done.append(args["n"])

    handlers = {"test": does}

    at_once = jobs.run_next(context, owner="heir", handlers=handlers)
    later = clock.now() + rules.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    after_the_lease = jobs.run_next(context, owner="heir", handlers=handlers)

    job = db.session.scalar(select(Job))
    assert not at_once
    assert after_the_lease
    assert done == [1]
    assert (job.state, job.attempt) == (JobState.DONE, 2)


def test_a_pool_that_is_asked_to_stop_ends(context, tmp_path):
    env = {
        **os.environ,
        "TONGTU_SECRET_KEY": "x" * 40,
        "TONGTU_PASSWORD_SALT": "y" * 40,
        "TONGTU_DATA_DIR": str(tmp_path),
        "TONGTU_DATABASE_URL": context.config["SQLALCHEMY_DATABASE_URI"],
    }
    pool = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "work", "--processes", "2"],
        cwd=PROJECT,
        env=env,
        stderr=subprocess.PIPE,
    )
    with pool:
        assert b"pool.started" in pool.stderr.readline()
        workers = [pool.stderr.readline() for _ in range(2)]
        assert all(b"worker.started" in line for line in workers)
        asked = time.monotonic()
        pool.send_signal(signal.SIGTERM)
        assert pool.wait(timeout=60) == 0

    assert time.monotonic() - asked < 30
