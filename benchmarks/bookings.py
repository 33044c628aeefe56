"""What the one way of claiming a time bears: storms with exactly one winner, and bookings a second.

    python benchmarks/bookings.py [--seconds 5] [--workers 100] [--databases sqlite postgresql]
    python benchmarks/bookings.py rush [--rounds 60] [--workers 60] [--requests 1000 --places 50]

Without `rush` all workers (threads in four processes) book as fast as they can, through the actions
that the pages use, mails' rows and calendar entries included: "hot" is one consultant's three days,
"spread" 200 consultants' 60 days, "churn" 20 consultants' ten days where every second step cancels
or moves. The last line is one JSON object by database and mode.

`rush` lets everybody ask for overlapping times at one moment, on each path that claims a time:
each round may have one winner; then 1,000 requests meet 50 places. Each is run again with the
guard taken out of the database, and must then give a time twice. The last line is JSON as well.
"""

import argparse
import json
import os
import random
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import func, make_url, select

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import postgres  # noqa: E402 – found by the line above

from portal import tenancy  # noqa: E402
from portal.access import Role  # noqa: E402
from portal.accounts import actions as accounts  # noqa: E402
from portal.app import create_app  # noqa: E402
from portal.booking.actions import bookings, changes, claims, hours  # noqa: E402
from portal.booking.actions.limits import LimitReached, NotOffered  # noqa: E402
from portal.booking.models import sessions as models  # noqa: E402
from portal.booking.models.sessions import Allocation, Booking  # noqa: E402
from portal.booking.rules.sessions import IllegalMove, TooLate  # noqa: E402
from portal.booking.rules.slots import DAY_MINUTES, Window  # noqa: E402
from portal.db import db, unit_of_work  # noqa: E402
from portal.settings import Settings  # noqa: E402

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PROCESSES = 4
STEP = timedelta(minutes=60)  # a session of 45 minutes and its buffer
REFUSED = (
    claims.SlotTaken,
    claims.DealerBusy,
    changes.NotAsked,
    NotOffered,
    LimitReached,
    TooLate,
    IllegalMove,
)


@dataclass(frozen=True, slots=True)
class World:
    """Ids of who meets whom; every consultant receives day and night, for 90 days."""

    consultants: Sequence[int]
    advisers: Sequence[int]  # the consultants as persons, in the same order
    dealers: Sequence[tuple[int, int]]  # shop and person


def app_over(url: str, folder: Path) -> Flask:
    """Return the application over a database, which need not have tables yet."""
    values = Settings(
        secret_key="x" * 40,
        password_salt="y" * 40,
        data_dir=folder,
        database_url=url,
        content_dir=ROOT / "content",
        password_cost="test",  # noqa: S106 – the name of a cost, and no password
    )
    return create_app(values, WTF_CSRF_ENABLED=False)


def settle(*, consultants: int, dealers: int) -> World:
    """Add consultants and shops; commits."""
    people: list[tuple[int, int]] = []
    with tenancy.for_everyone(reason="a benchmark arranges"), unit_of_work():
        alliance = accounts.add_organisation(kind="alliance", name="同途联盟", at=AT)
        advisers = [_person(f"顾问 {n}", alliance.id, Role.CONSULTANT) for n in range(consultants)]
        ids = [_consultant(each, alliance.id) for each in advisers]
        for number in range(dealers):
            shop = accounts.add_organisation(
                kind="dealer", name=f"店 {number}", shop_ref=secrets.token_hex(6), level=2, at=AT
            )
            people.append((shop.id, _person(f"店主 {number}", shop.id, Role.DEALER)))
    return World(consultants=ids, advisers=advisers, dealers=people)


def _person(name: str, organisation_id: int, role: Role) -> int:
    phone = f"13{secrets.randbelow(10**9):09d}"
    added = accounts.add_person(name=name, mail=None, phone=phone, password_hash="-", at=AT)  # noqa: S106 – nobody signs in
    accounts.join(person_id=added.id, organisation_id=organisation_id, role=role)
    return added.id


def _consultant(person_id: int, organisation_id: int) -> int:
    added = hours.add_consultant(
        person_id=person_id,
        organisation_id=organisation_id,
        specialty_zh="复购",
        specialty_en="Repurchase",
        timezone="UTC",
    )
    added.horizon_days, added.interval_minutes, added.notice_minutes = 90, 15, 0
    added.follows_holidays = False
    db.session.flush()
    every_day = [Window(weekday, 0, DAY_MINUTES) for weekday in range(7)]
    hours.set_hours(consultant_id=added.id, windows=every_day)
    return added.id


def without_guard(app: Flask) -> None:
    """Take the guard out of the database: the control."""
    with app.app_context(), db.engine.begin() as connection:
        for statement in models.GUARD_REMOVAL[connection.dialect.name]:
            connection.exec_driver_sql(statement)


def overlaps() -> int:
    """Return the number of pairs of live allocations of one consultant, or dealer, that overlap."""
    one, other = Allocation.__table__.alias(), Allocation.__table__.alias()
    same = (one.c.consultant_id == other.c.consultant_id) | (one.c.dealer_id == other.c.dealer_id)
    pairs = (
        select(func.count())
        .select_from(one.join(other, same))
        .where(
            one.c.id < other.c.id,
            one.c.live,
            other.c.live,
            one.c.starts_minute < other.c.ends_minute,
            other.c.starts_minute < one.c.ends_minute,
        )
    )
    with tenancy.for_everyone(reason="a benchmark counts"):
        return db.session.scalar(pairs) or 0


# Storms


def released_together(count: int, work: Callable[[int], str | None], app: Flask) -> Counter[str]:
    """Let everybody do `work(number)` at one moment; return how often it ended how."""
    barrier, ends = threading.Barrier(count), [""] * count

    def run(number: int) -> None:
        with app.app_context():
            db.session.execute(select(1))  # connected before the start
            db.session.rollback()
            barrier.wait()
            ends[number] = _ended(lambda: work(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


def _ended(work: Callable[[], str | None]) -> str:
    try:
        with tenancy.for_everyone(reason="a benchmark acts for every shop"), unit_of_work():
            return work() or "won"
    except REFUSED:
        return "refused"
    except Exception as error:
        return f"error: {type(error).__name__}: {str(error)[:120]}"


class Storms:
    """One round of each path: everybody wants overlapping times of one day; one may win."""

    def __init__(self, app: Flask, world: World, workers: int) -> None:
        self.app, self.world, self.workers = app, world, workers
        self.spare = 0  # hours after AT that no round uses

    def rounds(self, path: str, count: int, *, first_day: int = 1) -> Counter[str]:
        """Return how often rounds had how many winners, and every error."""
        found: Counter[str] = Counter()
        for number in range(count):
            noon = AT.replace(hour=12) + timedelta(days=first_day + number % 80)
            ends = getattr(self, path)(noon)
            found[f"{ends.pop('won', 0)} won"] += 1
            ends.pop("refused", None)
            found.update(ends)
        return found

    def _overlapping(self, noon: datetime, number: int) -> datetime:
        return noon + timedelta(minutes=15 * (number % 3))

    def _book(self, number: int, starts_at: datetime) -> str:
        shop, person_id = self.world.dealers[number]
        return bookings.book(
            dealer_id=shop,
            person_id=person_id,
            consultant_id=self.world.consultants[0],
            starts_at=starts_at,
            topic="复购率一直在掉",
            submission_key=secrets.token_hex(8),
            at=AT,
        ).public_id

    def _arranged(self, make: Callable[[], Any]) -> Any:
        with self.app.app_context():
            reason = "a benchmark arranges"
            with tenancy.for_everyone(reason=reason), unit_of_work():
                return make()

    def book(self, noon: datetime) -> Counter[str]:
        """Everybody books."""
        return released_together(
            self.workers,
            lambda number: void(self._book(number, self._overlapping(noon, number))),
            self.app,
        )

    def confirm(self, noon: datetime) -> Counter[str]:
        """Somebody holds the time and confirms; the others book it, and it ran out for them."""
        shop, _ = self.world.dealers[0]
        self._arranged(
            lambda: changes.hold(
                dealer_id=shop, consultant_id=self.world.consultants[0], starts_at=noon, at=AT
            )
        )
        late = AT + timedelta(minutes=6)

        def work(number: int) -> None:
            dealer, person_id = self.world.dealers[number]
            bookings.book(
                dealer_id=dealer,
                person_id=person_id,
                consultant_id=self.world.consultants[0],
                starts_at=noon if number == 0 else self._overlapping(noon, number),
                topic="留着的时间",
                submission_key=secrets.token_hex(8),
                at=AT if number == 0 else late,
            )

        return released_together(self.workers, work, self.app)

    def reschedule(self, noon: datetime) -> Counter[str]:
        """Everybody has a session somewhere else and moves it to this time."""
        ids = self._arranged(lambda: [self._elsewhere(each) for each in range(self.workers)])

        def work(number: int) -> None:
            changes.move_as_dealer(
                public_id=ids[number],
                dealer_id=self.world.dealers[number][0],
                starts_at=self._overlapping(noon, number),
                at=AT,
            )

        return released_together(self.workers, work, self.app)

    def exchange(self, noon: datetime) -> Counter[str]:
        """A consultant exchanges two sessions again and again while others ask for both times."""
        later = noon + timedelta(hours=3)
        one, two = self._arranged(lambda: [self._book(0, noon), self._book(1, later)])

        def work(number: int) -> str | None:
            if number % 4 == 0:
                changes.exchange(
                    public_id=one, other_public_id=two, person_id=self.world.advisers[0], at=AT
                )
                return "exchanged"
            self._book(number, self._overlapping(noon if number % 2 else later, number))
            return None

        ends = released_together(self.workers, work, self.app)
        ends.pop("exchanged", None)
        ends["won"] += 1  # the two that are there already keep their times between them
        return ends

    def offer(self, noon: datetime) -> Counter[str]:
        """The same freed hour is offered to everybody who waits for one."""

        def work(number: int) -> None:
            changes.offer(
                dealer_id=self.world.dealers[number][0],
                consultant_id=self.world.consultants[0],
                starts_at=self._overlapping(noon, number),
                until=AT + timedelta(minutes=30),
                at=AT,
            )

        return released_together(self.workers, work, self.app)

    def places(self, requests: int, places: int) -> Counter[str]:
        """Ask `requests` times, `workers` at once, for `places` times; each is asked for."""
        starts = [AT.replace(hour=12) + STEP * number for number in range(places)]
        turns = iter(range(requests))
        taking, ends = threading.Lock(), Counter[str]()

        def work(_: int) -> None:
            while True:
                with taking:
                    turn = next(turns, None)
                if turn is None:
                    return
                dealer = turn % len(self.world.dealers)
                end = _ended(lambda: void(self._book(dealer, starts[turn % places])))  # noqa: B023 – run at once
                with taking:
                    ends[end] += 1

        released_together(self.workers, work, self.app)
        return ends

    def _elsewhere(self, number: int) -> str:
        self.spare += 1
        shop, person_id = self.world.dealers[number]
        starts_at = AT + timedelta(days=100) + STEP * self.spare
        return bookings.enter(
            dealer_id=shop,
            person_id=person_id,
            consultant_id=self.world.consultants[0],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=45),
            topic="改期",
            submission_key=secrets.token_hex(8),
            at=AT,
        ).public_id


PATHS = ("book", "confirm", "reschedule", "exchange", "offer")


def storm(app: Flask, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the storms gave over one database, with the guard and without."""
    with app.app_context():
        world = settle(consultants=1, dealers=arguments.workers)
    storms = Storms(app, world, arguments.workers)
    found: dict[str, Any] = {}
    for day, path in enumerate(PATHS):
        # Each path has a consultant of its own: days are not shared between them.
        with app.app_context():
            storms.world = settle(consultants=1, dealers=arguments.workers)
        began = time.perf_counter()
        found[path] = dict(storms.rounds(path, arguments.rounds))
        found[path]["seconds"] = round(time.perf_counter() - began, 1)
        print(f"  {day + 1}. {path}: {found[path]}", flush=True)
    with app.app_context():
        storms.world = settle(consultants=1, dealers=arguments.requests)
    found["places"] = dict(storms.places(arguments.requests, arguments.places))
    with app.app_context():
        found["overlaps"] = overlaps()
    print(f"  places: {found['places']}, overlaps {found['overlaps']}", flush=True)
    without_guard(app)
    for path in PATHS:
        with app.app_context():
            storms.world = settle(consultants=1, dealers=arguments.workers)
        found[f"control_{path}"] = dict(storms.rounds(path, 2))
    with app.app_context():
        found["control_overlaps"] = overlaps()
    return found


# Throughput


@dataclass(frozen=True, slots=True)
class Mode:
    """How many consultants and days are booked, and whether every second step gives back."""

    consultants: int
    days: int
    churns: bool = False


MODES = {
    "hot": Mode(consultants=1, days=3),
    "spread": Mode(consultants=200, days=60),
    "churn": Mode(consultants=20, days=10, churns=True),
}


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does."""

    url: str
    folder: str
    world: World
    mode: Mode
    threads: int
    gate: str  # a folder in which each process says that it is ready
    seconds: float
    seed: int


def work_in_process(task: Task) -> list[tuple[str, float]]:
    """Run a process's threads; return how each step ended and its seconds."""
    app = app_over(task.url, Path(task.folder))
    results: list[list[tuple[str, float]]] = [[] for _ in range(task.threads)]
    gate = Path(task.gate)
    (gate / str(task.seed)).touch()
    while len(list(gate.iterdir())) < PROCESSES:
        time.sleep(0.01)
    ends = time.time() + task.seconds

    def run(number: int) -> None:
        with app.app_context():
            results[number] = list(_steps(task, ends, random.Random(task.seed * 1000 + number)))  # noqa: S311 – no secret

    threads = [threading.Thread(target=run, args=(number,)) for number in range(task.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [each for result in results for each in result]


def _steps(task: Task, ends: float, chance: random.Random) -> Iterator[tuple[str, float]]:
    own: list[tuple[str, int]] = []
    while time.time() < ends:
        began = time.perf_counter()
        gives_back = task.mode.churns and own and chance.random() < 0.5
        step = _give_back if gives_back else _book_somewhere
        ended = _ended(lambda: step(task, chance, own))  # noqa: B023 – run at once
        db.session.remove()
        yield f"{'change' if gives_back else 'book'} {ended}", time.perf_counter() - began


def _start(task: Task, chance: random.Random) -> datetime:
    hours_ahead = chance.randrange(1, task.mode.days * 24)
    return AT.replace(hour=3) + STEP * hours_ahead


def _book_somewhere(task: Task, chance: random.Random, own: list[tuple[str, int]]) -> None:
    shop, person_id = chance.choice(task.world.dealers)
    booking = bookings.book(
        dealer_id=shop,
        person_id=person_id,
        consultant_id=chance.choice(task.world.consultants),
        starts_at=_start(task, chance),
        topic="复购率一直在掉，想找找原因",
        submission_key=secrets.token_hex(8),
        at=AT,
    )
    own.append((booking.public_id, shop))


def _give_back(task: Task, chance: random.Random, own: list[tuple[str, int]]) -> None:
    place = chance.randrange(len(own))
    public_id, shop = own[place]
    if chance.random() < 0.5:
        own.pop(place)
        person_id = dict(task.world.dealers)[shop]
        bookings.cancel(public_id=public_id, dealer_id=shop, person_id=person_id, reason="", at=AT)
    else:
        changes.move_as_dealer(
            public_id=public_id, dealer_id=shop, starts_at=_start(task, chance), at=AT
        )


def measure(url: str, folder: Path, mode: Mode, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return bookings a second and how long one takes, with everybody at work at once."""
    app = app_over(url, folder)
    with app.app_context():
        db.drop_all()
        db.create_all()
        world = settle(consultants=mode.consultants, dealers=300)
        db.session.remove()
        db.engine.dispose()
    gate = tempfile.mkdtemp(dir=folder)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        tasks = [
            Task(
                url=url,
                folder=str(folder),
                world=world,
                mode=mode,
                threads=arguments.workers // PROCESSES,
                gate=gate,
                seconds=arguments.seconds,
                seed=seed,
            )
            for seed in range(PROCESSES)
        ]
        steps = [each for found in pool.map(work_in_process, tasks) for each in found]
    with app.app_context():
        left = overlaps()
        with tenancy.for_everyone(reason="a benchmark counts"):
            stored = db.session.scalar(select(func.count()).select_from(Booking))
        db.session.remove()
        db.engine.dispose()
    ends = Counter(end for end, _ in steps)
    durations = sorted(seconds for _, seconds in steps)
    done = sum(count for end, count in ends.items() if end.endswith("won"))
    return {
        "bookings_per_s": round(ends["book won"] / arguments.seconds, 1),
        "changes_per_s": round(ends["change won"] / arguments.seconds, 1),
        "attempts_per_s": round(len(steps) / arguments.seconds, 1),
        "done": done,
        "stored": stored,
        "p50_ms": round(1000 * statistics.median(durations)),
        "p99_ms": round(1000 * durations[int(0.99 * (len(durations) - 1))]),
        "errors": {end: count for end, count in ends.items() if "error" in end},
        "overlaps": left,
    }


def void(_: object) -> None:
    """Forget a result."""


@contextmanager
def databases(names: Sequence[str], folder: Path) -> Iterator[dict[str, str]]:
    """Give the address of an empty database of each kind that is asked for."""
    addresses = {}
    if "sqlite" in names:
        addresses["sqlite"] = f"sqlite:///{folder / 'tongtu.sqlite'}"
    if "postgresql" not in names:
        yield addresses
        return
    with postgres.cluster() as address:
        addresses["postgresql"] = address
        _let_more_in(address)
        yield addresses


def _let_more_in(address: str) -> None:
    """Say what is too small: each worker needs a connection of its own."""
    url = make_url(address)
    server = {"host": url.host, "port": url.port, "user": "tongtu", "dbname": url.database}
    with psycopg.connect(**server) as connection:
        row = connection.execute("SHOW max_connections").fetchone()
    print(f"postgresql: max_connections {row[0] if row else '?'}", flush=True)


def main() -> None:
    """Measure, or let the storms rage, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=["rush"])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--places", type=int, default=50)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--modes", nargs="+", default=list(MODES), choices=list(MODES))
    arguments = parser.parse_args()
    arguments.workers = arguments.workers or (60 if arguments.what else 100)
    result: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    with (
        tempfile.TemporaryDirectory() as folder,
        databases(arguments.databases, Path(folder)) as addresses,
    ):
        for name, address in addresses.items():
            print(name, flush=True)
            if arguments.what == "rush":
                app = app_over(address, Path(folder))
                with app.app_context():
                    db.create_all()
                result[name] = storm(app, arguments)
                with app.app_context():
                    db.session.remove()
                    db.engine.dispose()
                continue
            result[name] = {}
            for mode in arguments.modes:
                result[name][mode] = measure(address, Path(folder), MODES[mode], arguments)
                print(f"  {mode}: {result[name][mode]}", flush=True)
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
