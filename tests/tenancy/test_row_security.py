"""The second lock: PostgreSQL itself holds rows to their owners, whatever the session forgot."""

from collections.abc import Iterator

import pytest
from conftest import NOW
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import ProgrammingError

from portal import ownership, tenancy
from portal.db import Base, db, unit_of_work
from portal.feedback.models import Feedback
from portal.notices.models import Notice

COUNT = text("SELECT count(*) FROM feedback")


@pytest.fixture(autouse=True)
def on_postgresql_only(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite knows no row security: there the session's filter is the only lock")


@pytest.fixture
def unfiltered(deployed) -> Iterator[None]:
    """The session's own filter and checks taken away, so that only PostgreSQL is left."""
    hooks = {"do_orm_execute": tenancy._on_execute, "before_flush": tenancy._on_flush}
    for name, hook in hooks.items():
        event.remove(db.session, name, hook)
    yield
    for name, hook in hooks.items():
        event.listen(db.session, name, hook)


def seen() -> int:
    return db.session.scalar(select(func.count()).select_from(Feedback))


def insert_for(organisation_id: int) -> None:
    db.session.execute(
        text(
            "INSERT INTO notice (organisation_id, kind, params, path, created_at) "
            "VALUES (:organisation, 'x', '{}', '/', :at)"
        ),
        {"organisation": organisation_id, "at": NOW},
    )


def test_the_portals_role_is_held_by_it(shared_app: Flask):
    with shared_app.app_context(), db.engine.connect() as connection:
        assert not ownership.bypasses_row_security(connection)


def test_every_owned_table_is_under_it(shared_app: Flask):
    with shared_app.app_context(), db.engine.connect() as connection:
        assert ownership.unprotected_tables(connection) == []


def test_a_table_that_is_not_under_it_is_named(shared_app: Flask):
    with shared_app.app_context(), db.engine.connect() as connection:
        connection.execute(text("ALTER TABLE feedback NO FORCE ROW LEVEL SECURITY"))
        assert ownership.unprotected_tables(connection) == ["feedback"]
        connection.rollback()


def test_a_connection_that_says_nothing_sees_no_row(deployed):
    with db.engine.connect() as connection:
        assert connection.scalar(COUNT) == 0


def test_it_sees_the_rows_when_it_says_that_it_works_for_everyone(deployed):
    with db.engine.connect() as connection:
        tenancy.see_everything(connection)
        assert connection.scalar(COUNT) == 2
        connection.rollback()
        assert connection.scalar(COUNT) == 2  # in its next transaction too


@pytest.mark.asvs("V8.4.1")
def test_without_the_sessions_filter_one_still_sees_ones_own_alone(deployed, unfiltered, cast):
    tenancy.enter(cast.dealer_a.member)

    assert seen() == 1


@pytest.mark.asvs("V8.4.1")
def test_control_with_neither_lock_one_sees_all(deployed, unfiltered, cast):
    with tenancy.for_everyone(reason="the second lock taken away"):
        assert seen() == 2


def test_a_scope_that_becomes_known_within_a_transaction_is_told(deployed, cast):
    assert db.session.scalar(text("SELECT 1")) == 1  # the transaction has begun, for nobody
    tenancy.enter(cast.dealer_a.member)

    assert seen() == 1


def test_a_foreign_row_is_refused(deployed, unfiltered, cast):
    tenancy.enter(cast.dealer_a.member)
    insert_for(cast.dealer_a.organisation_id)

    with pytest.raises(ProgrammingError, match="row-level security"):
        insert_for(cast.dealer_b.organisation_id)


def test_a_row_is_not_moved_to_another_owner(deployed, unfiltered, cast):
    tenancy.enter(cast.dealer_a.member)

    with pytest.raises(ProgrammingError, match="row-level security"):
        db.session.execute(
            text("UPDATE feedback SET dealer_id = :other"),
            {"other": cast.dealer_b.organisation_id},
        )


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_nothing_is_left_in_the_pool_when_a_transaction_ends(deployed, cast, end):
    tenancy.enter(cast.dealer_a.member)
    assert seen() == 1
    getattr(db.session, end)()

    for _ in range(db.engine.pool.checkedin()):
        with db.engine.connect() as connection:
            assert connection.scalar(COUNT) == 0


def test_the_next_transaction_of_the_session_is_told_again(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    with unit_of_work():
        seen()

    assert seen() == 1


def told() -> str:
    return db.session.scalar(text("SELECT current_setting('tongtu.role')"))


def look_and_fail() -> None:
    with db.session.begin_nested():
        with tenancy.for_everyone(reason="inside a savepoint"):
            assert seen() == 2
        raise ZeroDivisionError


def test_after_a_savepoint_is_undone_it_is_told_again(deployed, cast):
    tenancy.enter(cast.dealer_a.member)
    seen()

    with pytest.raises(ZeroDivisionError):
        look_and_fail()

    assert (told(), seen()) == ("dealer", 1)


def test_a_notice_to_another_leaves_nothing_open(deployed, cast):
    tenancy.enter(cast.supplier_a.member)
    with tenancy.for_everyone(reason="as notices.post does"):
        db.session.add(
            Notice(
                organisation_id=cast.dealer_a.organisation_id,
                kind="x",
                params={},
                path="/",
                created_at=NOW,
            )
        )

    assert db.session.scalar(select(func.count(Notice.id))) == 0
    assert told() == "supplier"


def test_what_reads_without_writing_is_a_policy_of_its_own():
    policies = ownership.row_security(Base.metadata.tables["product"])

    (reading,) = [each for each in policies if "FOR SELECT" in each]
    assert reading.startswith("CREATE POLICY product_of_reader ON product FOR SELECT USING (")
    assert reading.endswith("('author', 'consultant', 'dealer', 'operator', 'supplier'))")
