"""The pool: kept full, emptied in good order, never left behind. With real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.worker_pool import Pool

PROJECT = Path(__file__).resolve().parents[2]
# Writes down that it began, and works until it is asked to end or its watcher is gone.
WORKER = """
import os, signal, sys, threading
from portal.worker_pool import when_the_watcher_is_gone
ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
when_the_watcher_is_gone(ended.set)
log = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
os.write(log, b"began %d\\n" % os.getpid())
ended.wait(60)
os.write(log, b"finished %d\\n" % os.getpid())
"""
WATCHER = """
import sys, threading
from portal.worker_pool import Pool
Pool(sys.argv[1:], processes=2, grace_s=20).run(threading.Event())
"""


@pytest.fixture
def log(tmp_path) -> Path:
    return tmp_path / "log"


def pids(log: Path, word: str = "began") -> list[int]:
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith(word)]


def eventually(holds: Callable[[], bool], *, within_s: float = 20) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def started(pool: Pool) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=pool.run, args=(stop,))
    thread.start()
    return thread, stop


def worker(log: Path, code: str = WORKER) -> list[str]:
    return [sys.executable, "-c", code, str(log)]


def test_a_killed_worker_is_replaced_and_all_finish_when_told_to_stop(log):
    thread, stop = started(Pool(worker(log), processes=2, grace_s=20))
    eventually(lambda: len(pids(log)) == 2)

    os.kill(pids(log)[0], signal.SIGKILL)
    eventually(lambda: len(pids(log)) == 3)
    stop.set()
    thread.join(timeout=30)

    assert not thread.is_alive()
    assert set(pids(log, "finished")) == set(pids(log)[1:])


def test_a_worker_that_has_run_its_number_is_replaced_at_once(log):
    once = "import os,sys\nwith open(sys.argv[1],'a') as f: f.write(f'began {os.getpid()}\\n')"
    thread, stop = started(Pool(worker(log, once), processes=1, grace_s=20))
    try:
        eventually(lambda: len(pids(log)) >= 4)
    finally:
        stop.set()
        thread.join(timeout=30)


def test_a_worker_that_dies_at_once_is_tried_ever_more_slowly(log):
    dies = "import os,sys\nwith open(sys.argv[1],'a') as f: f.write(f'began 1\\n')\nos._exit(3)"
    thread, stop = started(Pool(worker(log, dies), processes=1, grace_s=20))
    time.sleep(1.6)
    stop.set()
    thread.join(timeout=30)

    assert 1 <= len(pids(log)) <= 2  # at once, and after a second; the next would be three later


def test_a_worker_that_does_not_end_in_time_is_killed(log):
    deaf = (
        "import signal,sys,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "with open(sys.argv[1],'a') as f: f.write('began 1\\n')\ntime.sleep(60)"
    )
    thread, stop = started(Pool(worker(log, deaf), processes=1, grace_s=0.3))
    eventually(lambda: pids(log) == [1])
    stop.set()
    thread.join(timeout=10)

    assert not thread.is_alive()


def test_workers_whose_watcher_is_killed_finish_and_end(log):
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, *worker(log)], cwd=PROJECT, stderr=subprocess.DEVNULL
    )
    with watcher:
        eventually(lambda: len(pids(log)) == 2)
        watcher.kill()
    eventually(lambda: set(pids(log, "finished")) == set(pids(log)))
