"""What it costs to hold every statement to one tenant: CPU of small queries, with and without.

    python benchmarks/tenancy.py [--rounds 400] [--only sqlite]

Each query runs for a dealer, in turn held by the session's filter and with the filter's hooks
taken away (on PostgreSQL row security stays on in both). The rounds alternate, and CPU time of
this process is compared, so that a busy machine disturbs both alike. The last line is one JSON
object: microseconds a query, their ratio, and how many statements reached the database.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import postgres  # noqa: E402 – found by the line above

from portal import tenancy  # noqa: E402
from portal.access import Member, Role  # noqa: E402
from portal.accounts import actions as accounts  # noqa: E402
from portal.app import create_app  # noqa: E402
from portal.catalog import actions as catalog  # noqa: E402
from portal.db import db, unit_of_work  # noqa: E402
from portal.feedback import actions as feedback  # noqa: E402
from portal.feedback import queries  # noqa: E402
from portal.feedback.rules import Chip  # noqa: E402
from portal.notices import queries as notices  # noqa: E402
from portal.paging import Page  # noqa: E402
from portal.settings import Settings  # noqa: E402

AT = datetime(2026, 11, 22, tzinfo=UTC)
DEALERS = 20
PIECES = 30  # of feedback, each dealer
# What is measured is these two.
HOOKS = {"do_orm_execute": tenancy._on_execute, "before_flush": tenancy._on_flush}  # noqa: SLF001 – see above


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400, help="of each query, each way")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    result: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    for kind in [arguments.only] if arguments.only else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as url:
            result[kind] = _measured(_app(Path(folder), url), rounds=arguments.rounds)
    print(json.dumps(result))


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'tongtu.sqlite'}"
        return
    with postgres.cluster() as url:
        yield url


def _app(folder: Path, url: str) -> Flask:
    values = Settings(
        secret_key="x" * 40,
        password_salt="y" * 40,
        data_dir=folder,
        database_url=url,
        content_dir=ROOT / "content",
        password_cost="test",  # noqa: S106 – the name of a cost, and no password
    )
    return create_app(values)


def _seed() -> Member:
    """Fill the tables; return a dealer's owner."""
    supplier = accounts.add_organisation(kind="supplier", name="星海互娱", at=AT)
    category = catalog.add_category(code="game", name_zh="游戏点券", name_en="Game credit")
    product = catalog.add_product(
        supplier_id=supplier.id, category_id=category.id, code="1", name_zh="点券", name_en="Credit"
    )
    member = None
    for number in range(DEALERS):
        shop = accounts.add_organisation(kind="dealer", name=f"店 {number}", at=AT)
        person = accounts.add_person(
            name="店主",
            mail=None,
            phone=f"138{number:08}",
            password_hash="x",  # noqa: S106 – nobody signs in here
            at=AT,
        )
        accounts.join(person_id=person.id, organisation_id=shop.id, role=Role.DEALER)
        member = Member(person.id, person.name, shop.id, shop.name, Role.DEALER)
        for piece in range(PIECES):
            feedback.submit(
                author=member,
                product_id=product.id,
                text="充值到账慢",
                impact=None,
                submission_key=str(piece),
                at=AT,
            )
    assert member is not None
    return member


def _queries(member: Member) -> dict[str, Callable[[], object]]:
    shop = member.organisation_id
    return {
        "one count": lambda: notices.unread_count(member),
        "list with children": lambda: queries.latest_of_dealer(dealer_id=shop, limit=5),
        "page with total": lambda: queries.of_dealer(
            dealer_id=shop, chip=next(iter(Chip)), page=Page(size=20)
        ),
    }


def _measured(app: Flask, *, rounds: int) -> dict[str, Any]:
    with app.app_context(), app.test_request_context():
        db.create_all()
        with tenancy.for_everyone(reason="a benchmark arranges"), unit_of_work():
            member = _seed()
        db.session.remove()
        tenancy.enter(member)
        found = {name: _compared(query, rounds) for name, query in _queries(member).items()}
        db.session.remove()
        db.engine.dispose()
    return found


def _compared(query: Callable[[], object], rounds: int) -> dict[str, float]:
    held: list[float] = []
    free: list[float] = []
    for _ in range(10):  # compiled once, each way
        query()
        with _unheld():
            query()
    for _ in range(rounds):
        held.append(_cpu_us(query))
        with _unheld():
            free.append(_cpu_us(query))
    with_us, without_us = statistics.median(held), statistics.median(free)
    with _unheld():
        plain = _statements(query)
    return {
        "held_us": round(with_us),
        "unheld_us": round(without_us),
        "ratio": round(with_us / without_us, 2),
        "statements_held": _statements(query),
        "statements_unheld": plain,
    }


@contextlib.contextmanager
def _unheld() -> Iterator[None]:
    """Take the filter's hooks away for the block."""
    for name, hook in HOOKS.items():
        event.remove(db.session, name, hook)
    try:
        yield
    finally:
        for name, hook in HOOKS.items():
            event.listen(db.session, name, hook)


def _cpu_us(query: Callable[[], object]) -> float:
    begun = time.process_time_ns()
    query()
    return (time.process_time_ns() - begun) / 1000


def _statements(query: Callable[[], object]) -> int:
    count = 0

    def seen(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", seen)
    try:
        query()
    finally:
        event.remove(db.engine, "before_cursor_execute", seen)
    return count


if __name__ == "__main__":
    main()
