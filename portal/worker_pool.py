"""A pool of worker processes on this machine, and the one process that watches over them.

The watcher knows neither the database nor the jobs, so little can bring it down. A worker that dies
is replaced, after a pause that grows while it keeps dying at once; one that has run its number of
jobs ends by itself and is replaced at once. Each worker holds the end of a pipe to the watcher:
when that is killed, the workers finish what they have at hand and end, they are not left behind.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger()
LOOK_EVERY_S = 0.2
DIED_AT_ONCE_S = 5.0
LONGEST_PAUSE_S = 30.0


@dataclass(slots=True)
class _Place:
    """One worker's place in the pool."""

    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    deaths_at_once: int = 0


class Pool:
    """`processes` workers, each started by `command`."""

    def __init__(self, command: Sequence[str], *, processes: int, grace_s: float) -> None:
        """Remember what to start; `grace_s` is how long a worker may take to end when asked."""
        self._command = list(command)
        self._places = [_Place() for _ in range(processes)]
        self._grace_s = grace_s

    def run(self, stop: threading.Event) -> None:
        """Keep the pool full until `stop` is set, then let every worker finish what it has."""
        log.info("pool.started", processes=len(self._places), pid=os.getpid())
        try:
            while not stop.is_set():
                for place in self._places:
                    self._look_after(place)
                stop.wait(LOOK_EVERY_S)
        finally:
            self._drain()
        log.info("pool.ended")

    def _look_after(self, place: _Place) -> None:
        if place.process is not None:
            code = place.process.poll()
            if code is None:
                return
            self._note_end(place, code)
        if time.monotonic() >= place.not_before:
            # A pipe of its own: the system closes it with this process, however that ends.
            place.process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 – our own command
            place.started = time.monotonic()

    def _note_end(self, place: _Place, code: int) -> None:
        lived_s = time.monotonic() - place.started
        if place.process is not None:
            _let_go(place.process)
        place.process = None
        if code == 0:
            place.deaths_at_once, place.not_before = 0, 0.0
            return
        # One that was killed says nothing about the next; one that cannot even start does.
        broke_at_once = lived_s < DIED_AT_ONCE_S and code != -signal.SIGKILL
        place.deaths_at_once = place.deaths_at_once + 1 if broke_at_once else 0
        pause_s = min(2.0**place.deaths_at_once - 1, LONGEST_PAUSE_S)
        place.not_before = time.monotonic() + pause_s
        log.warning("pool.worker_died", code=code, lived_s=round(lived_s, 1), pause_s=pause_s)

    def _drain(self) -> None:
        running = [place.process for place in self._places if place.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + self._grace_s
        for process in running:
            try:
                process.wait(timeout=max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Its job is not lost: the lease runs out and another worker takes it.
                log.warning("pool.worker_killed", pid=process.pid)
                process.kill()
                process.wait()
            _let_go(process)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe to a worker that has ended."""
    if process.stdin is not None:
        process.stdin.close()


def command_of_worker(app: str, *, recycle_after: int) -> list[str]:
    """Return the command that starts one worker of the application that Flask knows as `app`."""
    flask = [sys.executable, "-m", "flask", "--app", app]
    return [*flask, "work", "--alone", "--recycle-after", str(recycle_after)]


def when_the_watcher_is_gone(do: Callable[[], None]) -> None:
    """Call `do` once the process that started this one as a worker has ended, or was killed."""

    def wait() -> None:
        while os.read(0, 64):
            pass
        do()

    threading.Thread(target=wait, daemon=True).start()
