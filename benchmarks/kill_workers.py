"""What kill -9 does to jobs: workers, and the whole engine, are killed at random moments.

    python -m benchmarks.kill_workers [--database sqlite|postgresql] [--jobs 200] [--kills 30]

Starts `flask work` with several processes on a database of its own and kills, at random moments
while jobs run, now one worker, now the watcher with all its workers. Each job leaves three effects
of the kinds that the portal's jobs have: a row keyed by the job in a transaction of its own, an
amount added to an account in the transaction that ends the job, a file renamed into its place.
Counted are jobs that were lost, and effects that are there twice. That a job *ran* twice is no harm
and is counted apart. The controls must lose jobs: leases that nobody takes over, and jobs that are
marked as done before the work. The last line is one JSON object; the seed makes the choices again,
not the moments at which they meet the work.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url, text

from portal import jobs
from portal.app import create_app
from portal.db import db, unit_of_work
from portal.outbox import actions, rules
from portal.outbox.queries import counts
from portal.outbox.rules import JobState
from portal.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
KIND = "bench.effect"
LEASE_S = 1.5
CONTROLS = ("no-takeover", "done-first")
QUIET_S = 15.0  # longer than a lease and a start of the engine on a busy machine
LONGEST_S = 600.0


# --- the worker's side ---------------------------------------------------------------------------


def app() -> Flask:
    """Return the portal as the workers of this benchmark run it: `flask --app …:app work`."""
    control = os.environ.get("BENCH_CONTROL", "")
    jobs.HANDLERS = {KIND: _leave_effects}
    jobs.PERIODIC = {}
    jobs.IDLE_S = 0.05
    rules.LEASE = timedelta(days=36_500 if control == "no-takeover" else 0, seconds=LEASE_S)
    if control == "done-first":
        jobs._carry_out = _done_before_the_work  # noqa: SLF001 – the mistake that is shown
    return create_app()


def _done_before_the_work(_app: Flask, job: Any, handler: jobs.Handler) -> None:
    with unit_of_work():
        actions.finish(job_id=job.id, owner=job.owner, at=jobs.clock.now())
    with unit_of_work():
        handler(job.args, lambda _done, _total: None)


def _leave_effects(args: Mapping[str, Any], progress: jobs.Progress) -> None:
    """Work for a while, then leave the three effects."""
    number, folder = args["number"], Path(os.environ["BENCH_FOLDER"])
    log = os.open(folder / "runs", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.write(log, b"%d\n" % number)
    os.close(log)
    with unit_of_work():
        db.session.execute(
            text("INSERT INTO bench_effect (number) VALUES (:n) ON CONFLICT DO NOTHING"),
            {"n": number},
        )
    time.sleep(args["work_s"] / 2)
    progress(1, 2)
    draft = folder / f"{number}.{os.getpid()}.part"
    draft.write_text(f"effect of {number}\n")
    draft.replace(folder / f"{number}.txt")
    time.sleep(args["work_s"] / 2)
    # Not committed here: it is in the transaction that ends the job, so it is exactly once.
    db.session.execute(text("UPDATE bench_account SET amount = amount + :n"), {"n": number})
    db.session.execute(text("INSERT INTO bench_entry (number) VALUES (:n)"), {"n": number})


# --- the engine, and how it is killed ------------------------------------------------------------


@dataclass
class Engine:
    """`flask work` with its workers, in a process group of its own."""

    environment: Mapping[str, str]
    processes: int
    watcher: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        # By its name, not by its path: Flask would put this folder first, and `courses` in it.
        here = "benchmarks.kill_workers:app"
        command = [sys.executable, "-m", "flask", "--app", here, "work"]
        self.watcher = subprocess.Popen(
            [*command, "--processes", str(self.processes)],
            cwd=ROOT,
            env=dict(self.environment),
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        assert self.watcher is not None
        listed = Path(f"/proc/{self.watcher.pid}/task/{self.watcher.pid}/children")
        return [int(pid) for pid in listed.read_text().split()]

    def kill_a_worker(self, chance: random.Random) -> bool:
        """Kill one worker; return False when there is none at this moment."""
        workers = self.workers()
        if not workers:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
        return True

    def kill_all(self) -> None:
        """Kill the watcher and all its workers at once."""
        assert self.watcher is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.watcher.pid, signal.SIGKILL)
        self.watcher.wait()

    def stop(self) -> int:
        """Ask it to end in good order; return its exit code."""
        assert self.watcher is not None
        self.watcher.terminate()
        return self.watcher.wait(timeout=90)


@dataclass
class Trial:
    """One database, its jobs, and what was killed."""

    portal: Flask
    engine: Engine
    folder: Path
    chance: random.Random
    number_of_jobs: int
    posted: list[int] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)

    def states(self) -> dict[JobState, int]:
        """Return how many jobs are in which state."""
        with self.portal.app_context():
            found = {state: count for (_kind, state), count in counts().items()}
            db.session.rollback()
        return found

    def post(self, *, work_s: tuple[float, float]) -> None:
        """Post one more batch of jobs."""
        with self.portal.app_context(), unit_of_work():
            for _ in range(self.number_of_jobs):
                number = len(self.posted) + 1
                args = {"number": number, "work_s": self.chance.uniform(*work_s)}
                actions.post(kind=KIND, args=args, key=f"{KIND}:{number}", at=jobs.clock.now())
                self.posted.append(number)

    def work_goes_on(self) -> bool:
        """Wait until a job has begun since the last kill; return False when all are done."""
        begun, until = self.runs(), time.monotonic() + LONGEST_S
        while self.runs() == begun and time.monotonic() < until:
            if not _unfinished(self.states()):
                return False
            time.sleep(0.03)
        return self.runs() > begun

    def runs(self) -> int:
        """Return how often a job was begun."""
        return (self.folder / "runs").read_bytes().count(b"\n")

    def kill_now_and_then(self, kills: int) -> None:
        """Kill at random moments while jobs run, until `kills` are done or the jobs are."""
        while self.kills.total() < kills and self.work_goes_on():
            time.sleep(self.chance.uniform(0.02, 0.6))
            if not _unfinished(self.states()):
                return
            if self.chance.random() < 0.5:
                self.engine.kill_all()
                self.engine.start()
                self.kills["engine"] += 1
            elif self.engine.kill_a_worker(self.chance):
                self.kills["worker"] += 1

    def wait_for_the_rest(self, quiet_s: float) -> None:
        """Wait until all is done, or nothing waits and what runs has not moved for `quiet_s`."""
        before, since, until = self.states(), time.monotonic(), time.monotonic() + LONGEST_S
        while _unfinished(before) and time.monotonic() < until:
            stands_still = not before.get(JobState.WAITING) and time.monotonic() - since > quiet_s
            if stands_still:
                return
            time.sleep(0.1)
            now = self.states()
            if now != before:
                before, since = now, time.monotonic()

    def outcome(self) -> dict[str, object]:
        """Return what is there and what is not."""
        with self.portal.app_context():
            effects = Counter(db.session.scalars(text("SELECT number FROM bench_effect")))
            entries = Counter(db.session.scalars(text("SELECT number FROM bench_entry")))
            amount = db.session.scalar(text("SELECT amount FROM bench_account"))
            db.session.rollback()
        files = {n for n in self.posted if self._file_is_whole(n)}
        whole = {n for n in self.posted if effects[n] and entries[n] and n in files}
        runs = Counter(int(line) for line in (self.folder / "runs").read_text().split())
        states = self.states()
        return {
            "jobs": len(self.posted),
            "kills": dict(sorted(self.kills.items())),
            "lost": len(self.posted) - len(whole),
            "doubled": sum(effects[n] > 1 or entries[n] > 1 for n in self.posted),
            "amount_off_by": int(amount or 0) - sum(n for n in self.posted if entries[n]),
            "runs_more_than_once": sum(count - 1 for count in runs.values()),
            "dead": states.get(JobState.DEAD, 0),
            "not_done": _unfinished(states),
        }

    def _file_is_whole(self, number: int) -> bool:
        path = self.folder / f"{number}.txt"
        return path.exists() and path.read_text() == f"effect of {number}\n"


def _unfinished(states: Mapping[JobState, int]) -> int:
    return states.get(JobState.WAITING, 0) + states.get(JobState.RUNNING, 0)


# --- trials --------------------------------------------------------------------------------------


@contextlib.contextmanager
def _effect_tables(portal: Flask) -> Iterator[None]:
    """Have the tables of the effects while the block runs."""
    names = ("bench_effect", "bench_entry", "bench_account")
    drop = [f"DROP TABLE IF EXISTS {name}" for name in names]
    create = [
        "CREATE TABLE bench_effect (number INTEGER PRIMARY KEY)",
        "CREATE TABLE bench_entry (number INTEGER)",  # no key: a double would show
        "CREATE TABLE bench_account (amount BIGINT)",
        "INSERT INTO bench_account VALUES (0)",
    ]
    _execute(portal, [*drop, *create])
    try:
        yield
    finally:
        _execute(portal, drop)


def _execute(portal: Flask, statements: list[str]) -> None:
    with portal.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def environment_of(portal: Flask, folder: Path, *, control: str = "") -> dict[str, str]:
    """Return the environment of workers on the database of `portal`."""
    url = make_url(portal.config["SQLALCHEMY_DATABASE_URI"])
    return {
        **os.environ,
        "TONGTU_SECRET_KEY": "k" * 40,
        "TONGTU_PASSWORD_SALT": "s" * 40,
        "TONGTU_DATA_DIR": str(folder / "data"),
        "TONGTU_DATABASE_URL": url.render_as_string(hide_password=False),
        "BENCH_FOLDER": str(folder),
        "BENCH_CONTROL": control,
    }


def run(  # noqa: PLR0913 – what a trial is made of
    portal: Flask,
    *,
    seed: int,
    number_of_jobs: int,
    kills: int,
    processes: int = 4,
    work_s: tuple[float, float] = (0.05, 0.45),
    quiet_s: float = QUIET_S,
    control: str = "",
) -> dict[str, object]:
    """Kill `kills` times while batches of jobs run, let the rest finish, return what came of it.

    `portal` has the database, its ledger empty.
    """
    with tempfile.TemporaryDirectory() as name, _effect_tables(portal):
        folder = Path(name)
        (folder / "runs").touch()
        engine = Engine(environment_of(portal, folder, control=control), processes)
        chance = random.Random(seed)  # noqa: S311 – chooses what to kill
        trial = Trial(portal, engine, folder, chance, number_of_jobs)
        engine.start()
        try:
            while trial.kills.total() < kills:
                trial.post(work_s=work_s)
                trial.kill_now_and_then(kills)
                if control:
                    break  # what is lost stays lost, there is no need for a second batch
            trial.wait_for_the_rest(quiet_s)
            engine.stop()
        finally:
            engine.kill_all()
        return {"seed": seed, **trial.outcome()}


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """Yield the address of a database of this kind, made for the benchmark."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.sqlite"
        return
    sys.path.insert(0, str(ROOT / "tests"))
    import postgres  # noqa: PLC0415 – the tests' private cluster, needed here only

    with postgres.cluster() as address:
        yield address


@contextlib.contextmanager
def portal_on(address: str) -> Iterator[Flask]:
    """Yield a portal with all its tables on an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            secret_key="k" * 40,
            password_salt="s" * 40,
            data_dir=Path(folder),
            database_url=address,
            content_dir=ROOT / "content",
            log_level="error",
        )
        portal = create_app(settings)
        with portal.app_context():
            db.create_all()
        yield portal
        with portal.app_context():
            db.session.remove()
            db.engine.dispose()


def main() -> None:
    """Run the trials and the controls, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=20261122)
    arguments = parser.parse_args()
    result: dict[str, object] = {}
    for kind in arguments.database or ("sqlite", "postgresql"):
        found = {}
        for name in ("", *CONTROLS):
            with database(kind) as address, portal_on(address) as portal:
                found[name or "ledger"] = run(
                    portal,
                    seed=arguments.seed,
                    number_of_jobs=arguments.jobs,
                    kills=arguments.kills,
                    control=name,
                )
            print(kind, name or "ledger", json.dumps(found[name or "ledger"]), flush=True)
        result[kind] = found
    print(json.dumps(result))


if __name__ == "__main__":
    main()
