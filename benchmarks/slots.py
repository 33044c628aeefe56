"""What free starts cost: 200 consultants, 60 days, 96,000 busy intervals.

    python benchmarks/slots.py [--rounds 5]

Fills an empty portal with consultants in three zones (hours every day, single dates, leave,
buffers, a 15-minute grid across the end of daylight saving in New York) and eight sessions a day
for each. Then measures, as CPU of this process: the engine alone on integers that lie ready, one
consultant with database and JSON, anybody of all for 14 days, and the naive search of the tests on
the same data, whose list must be the same. The last line is one JSON object; `engine_cpu_ms` and
`endpoint_cpu_ms` are per consultant and 60 days, `queries_max` is the SELECTs of one page.
"""

import argparse
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, insert

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import naive_slots  # noqa: E402 – found by the line above

from portal import tenancy  # noqa: E402
from portal.access import Role  # noqa: E402
from portal.accounts.models import Membership, Organisation, Person  # noqa: E402
from portal.app import create_app  # noqa: E402
from portal.booking.models.hours import Consultant, DateHours, TimeOff, WeeklyHours  # noqa: E402
from portal.booking.models.sessions import Allocation, Booking  # noqa: E402
from portal.booking.queries import consultants  # noqa: E402
from portal.booking.rules import slots  # noqa: E402
from portal.db import db, unit_of_work  # noqa: E402
from portal.settings import Settings  # noqa: E402

AT = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
CONSULTANTS, DAYS, BUSY_A_DAY = 200, 60, 8
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin")
WINDOWS = ((540, 720), (780, 1080))
NAIVELY = 3  # consultants whose starts are searched the naive way
NO_DEALER = consultants.NONE


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of which the quickest counts")
    rounds: int = parser.parse_args().rounds
    result: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        app = _app(Path(folder))
        with app.app_context():
            db.create_all()
            with tenancy.for_everyone(reason="a benchmark arranges"), unit_of_work():
                ids = _fill()
            result |= _engine(ids, rounds) | _pages(ids, rounds)
            db.session.remove()
    print(json.dumps(result, ensure_ascii=False))


def _app(folder: Path) -> Flask:
    values = Settings(
        secret_key="x" * 40,
        password_salt="y" * 40,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'tongtu.sqlite'}",
        content_dir=ROOT / "content",
        password_cost="test",  # noqa: S106 – the name of a cost, and no password
    )
    return create_app(values)


def _fill() -> list[int]:
    """Add the consultants, their hours and what is booked; return their ids."""
    alliance = Organisation(kind="alliance", name="同途联盟", created_at=AT)
    shops = [
        Organisation(kind="dealer", name=f"店 {number}", created_at=AT)
        for number in range(BUSY_A_DAY * DAYS)
    ]
    people = [
        Person(name=f"顾问 {number}", us_phone_number=f"+86137{number:08}", created_at=AT)
        for number in range(CONSULTANTS)
    ]
    db.session.add_all([alliance, *shops, *people])
    db.session.flush()
    chance = random.Random(7)  # noqa: S311 – the same world every time
    found = [_consultant(number, each, alliance) for number, each in enumerate(people)]
    db.session.flush()
    ids = [each.id for each in found]
    _add_hours(ids, chance)
    shop_ids = [each.id for each in shops]
    for place, (consultant_id, person) in enumerate(zip(ids, people, strict=True)):
        _book(place, consultant_id, person.id, shop_ids, chance)
    return ids


def _consultant(number: int, person: Person, alliance: Organisation) -> Consultant:
    member = Membership(
        person_id=person.id, organisation_id=alliance.id, role=Role.CONSULTANT.value
    )
    consultant = Consultant(
        person_id=person.id,
        organisation_id=alliance.id,
        specialty_zh="复购",
        specialty_en="Repurchase",
        timezone=ZONES[number % len(ZONES)],
        session_minutes=30,
        buffer_minutes=10,
        buffer_before_minutes=5,
        interval_minutes=15,
        notice_minutes=120,
        horizon_days=DAYS,
    )
    db.session.add_all([member, consultant])
    return consultant


def _add_hours(ids: list[int], chance: random.Random) -> None:
    """Add hours for every weekday, windows of their own on 4 days of 100, and a day of leave."""
    weekly = [
        {"consultant_id": each, "weekday": day, "starts_minute": starts, "ends_minute": ends}
        for each in ids
        for day in range(7)
        for starts, ends in WINDOWS
    ]
    db.session.execute(insert(WeeklyHours), weekly)
    dates = [AT.date() + timedelta(days=offset) for offset in range(DAYS)]
    own = [
        {"consultant_id": each, "day": day, "starts_minute": 600, "ends_minute": 900}
        for each in ids
        for day in dates
        if chance.random() < 0.04
    ]
    db.session.execute(insert(DateHours), own)
    off = [{"consultant_id": each, "day": chance.choice(dates), "reason": ""} for each in ids]
    db.session.execute(insert(TimeOff), off)


def _book(
    place: int, consultant_id: int, person_id: int, shops: list[int], chance: random.Random
) -> None:
    """Fill BUSY_A_DAY blocks into each day of a consultant, apart from each other."""
    first = slots.to_minute(AT) - slots.to_minute(AT) % slots.DAY_MINUTES
    begins = [
        first + day * slots.DAY_MINUTES + number * 170 + chance.randrange(0, 120)
        for day in range(DAYS)
        for number in range(BUSY_A_DAY)
    ]
    rows = [
        {
            "id": place * len(begins) + number + 1,
            "public_id": f"{place}-{number}",
            "uid": f"{place}-{number}",
            "sequence": 0,
            "state": "booked",
            # A shop is with one consultant at a time: each has its own turn.
            "dealer_id": shops[(number + place) % len(shops)],
            "person_id": person_id,
            "consultant_id": consultant_id,
            "starts_at": slots.to_instant(start),
            "ends_at": slots.to_instant(start + 30),
            "topic": "",
            "submission_key": f"{place}-{number}",
            "created_at": AT,
            "changed_at": AT,
        }
        for number, start in enumerate(begins)
    ]
    db.session.execute(insert(Booking), rows)
    blocks = [
        {
            "booking_id": row["id"],
            "consultant_id": consultant_id,
            "dealer_id": row["dealer_id"],
            "starts_minute": start,
            "ends_minute": start + chance.choice([30, 45]),
            "live": True,
        }
        for row, start in zip(rows, begins, strict=True)
    ]
    db.session.execute(insert(Allocation), blocks)


def _engine(ids: list[int], rounds: int) -> dict[str, Any]:
    """Measure the engine on integers, and compare it with the naive search."""
    plans = consultants.plans(ids, since=AT.date() - timedelta(days=1))
    taken = consultants.taken(plans=plans, dealer_id=NO_DEALER, at=AT)

    def everybody() -> dict[int, list[int]]:
        return {
            each: slots.free(plan=plan, at=AT, taken=taken[each]) for each, plan in plans.items()
        }

    engine_ms = _cpu_ms(everybody, rounds) / len(ids)
    free = everybody()
    chosen = ids[:NAIVELY]

    def naively() -> dict[int, list[datetime]]:
        return {each: naive_slots.free(plans[each], AT, taken[each]) for each in chosen}

    naive_ms = _cpu_ms(naively, 1) / NAIVELY
    for each, starts in naively().items():
        assert [slots.to_instant(one) for one in free[each]] == starts, each
    return {
        "busy": sum(len(each.sessions) for each in taken.values()),
        "candidates": sum(len(slots.offered(plan=plan, at=AT)) for plan in plans.values()),
        "free": sum(map(len, free.values())),
        "engine_cpu_ms": round(engine_ms, 3),
        "naive_cpu_ms": round(naive_ms, 1),
        "naive_ratio": round(naive_ms / engine_ms),
    }


def _pages(ids: list[int], rounds: int) -> dict[str, Any]:
    """Measure database, engine and JSON together, and count what is asked."""
    asked: list[str] = []

    def seen(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", seen)
    most = 0

    def page(wanted: list[int], days: int | None = None) -> str:
        nonlocal most
        asked.clear()
        found = consultants.free_minutes(
            consultant_ids=wanted, dealer_id=NO_DEALER, at=AT, days=days
        )
        most = max(most, len(asked))
        return json.dumps(found)

    one = [_cpu_ms(lambda each=each: page([each]), rounds) for each in ids[::10]]
    result = {
        "endpoint_cpu_ms": round(statistics.median(one), 2),
        "any_200x14_cpu_ms": round(_cpu_ms(lambda: page(ids, days=14), rounds), 1),
        "queries_max": most,
    }
    event.remove(db.engine, "before_cursor_execute", seen)
    return result


def _cpu_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the CPU of the quickest round, in milliseconds."""
    took = []
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time_ns()
        work()
        took.append((time.process_time_ns() - begun) / 1e6)
    return min(took)


if __name__ == "__main__":
    main()
