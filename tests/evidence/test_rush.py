"""Many write at once over real connections: one chain, no gap, nobody waits for ever."""

import threading
import time
from collections.abc import Callable

import pytest
from conftest import NOW, make_app
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

import portal.db
from portal.accounts.models import Organisation
from portal.db import db, unit_of_work
from portal.evidence import actions, chain, queries, verifying
from portal.evidence.models import EvidenceHead

WRITERS, EACH = 8, 12


def rush(app, write: Callable[[int], None]) -> list[Exception]:
    """Let every writer commit its entries at once; return what failed."""
    start, failed = threading.Barrier(WRITERS), []

    def writer(number: int) -> None:
        start.wait()
        for _ in range(EACH):
            try:
                with app.app_context(), unit_of_work():
                    write(number)
            except DatabaseError as error:
                failed.append(error)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    return failed


def change_a_row_and_record(organisation_ids: list[int]) -> Callable[[int], None]:
    def write(number: int) -> None:
        actions.record(action="test.rush", at=NOW, details={"writer": number})
        # A lock on a shared row, taken before the chain's: the order in which deadlocks are born.
        db.session.execute(
            update(Organisation)
            .where(Organisation.id == organisation_ids[number % 2])
            .values(level=number)
        )

    return write


@pytest.fixture
def write(cast):
    return change_a_row_and_record([cast.dealer_a.organisation_id, cast.dealer_b.organisation_id])


def test_writers_at_once_make_one_chain_without_a_gap(context, write):
    failed = rush(context, write)

    verdict = verifying.verify()
    assert failed == []
    assert verdict.is_sound
    assert verdict.checked == WRITERS * EACH == queries.head()[0]


@pytest.fixture
def app_without_the_lock(context, tmp_path, monkeypatch):
    """The application over one entry, whose writers read the head without holding it."""
    with unit_of_work():
        actions.record(action="test.first", at=NOW)

    def unlocked(connection):
        found = connection.execute(select(EvidenceHead.seq, EvidenceHead.hash)).one()
        time.sleep(0.01)
        return found.seq, found.hash

    def deferred(connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")

    monkeypatch.setattr(chain, "_locked_head", unlocked)
    monkeypatch.setattr(portal.db, "_on_begin", deferred)
    other = make_app(tmp_path, context.config["SQLALCHEMY_DATABASE_URI"])
    yield other
    with other.app_context():
        db.engine.dispose()


def test_the_control_writers_without_the_lock_get_in_each_others_way(app_without_the_lock):
    def write(number: int) -> None:
        actions.record(action="test.rush", at=NOW, details={"writer": number})

    failed = rush(app_without_the_lock, write)

    assert failed or not verifying.verify().is_sound
